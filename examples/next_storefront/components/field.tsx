import type { InputHTMLAttributes } from "react";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  name: string;
  label: string;
  help?: string;
  errors?: string[];
  status?: string;
}

/** A labelled field with its help, its errors, and what is said of it while one types. */
export function Field({ name, label, help, errors = [], status, ...input }: Props) {
  const told = `${name}-told`;
  return (
    <div className={errors.length > 0 ? "field wrong" : "field"}>
      <label htmlFor={name}>{label}</label>
      <input id={name} name={name} aria-describedby={told} aria-invalid={errors.length > 0} {...input} />
      <div id={told}>
        {errors.map((error) => (
          <p className="error" key={error}>
            {error}
          </p>
        ))}
        {help && <p className="help">{help}</p>}
        {status !== undefined && (
          <p className="help" role="status">
            {status}
          </p>
        )}
      </div>
    </div>
  );
}
