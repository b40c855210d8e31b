import { cookies } from "next/headers";
import { referrals } from "@/lib/referrals";
import { SignUpForm } from "./form";

export default async function SignUp() {
  const claim = referrals.currentClaim(await cookies());
  return (
    <div className="narrow panel">
      <h1>Sign up</h1>
      <SignUpForm code={claim?.code ?? ""} />
    </div>
  );
}
