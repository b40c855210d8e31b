import { LogInForm } from "./form";

export default function LogIn() {
  return (
    <div className="narrow panel">
      <h1>Log in</h1>
      <LogInForm />
    </div>
  );
}
