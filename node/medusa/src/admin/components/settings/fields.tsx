/** The fields of the settings' forms: each with its label, its hint, and what is wrong with it. */

import { Hint, Input, Label, RadioGroup, Select, Switch } from "@medusajs/ui";
import { type ReactNode, useId } from "react";
import { useTexts } from "../../lib/texts.js";

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  /** The plugin's options decide it. */
  fixed?: boolean;
}

function useHint({ hint, error, fixed }: Omit<FieldProps, "label">) {
  const { t } = useTexts();
  const id = useId();
  const told = error ?? (fixed ? t("settings.fixed") : hint);
  return {
    id: told ? id : undefined,
    shown: told ? (
      <Hint id={id} variant={error ? "error" : "info"} className="text-pretty">
        {told}
      </Hint>
    ) : null,
  };
}

interface TextFieldProps extends FieldProps {
  value: string;
  change: (value: string) => void;
  type?: "text" | "password" | "number" | "url";
  placeholder?: string;
  after?: ReactNode;
}

export function TextField(props: TextFieldProps) {
  const { label, value, change, type = "text", placeholder, after, error, fixed } = props;
  const id = useId();
  const hint = useHint(props);
  return (
    <div className="flex flex-col gap-2">
      <Label htmlFor={id} size="small" weight="plus">
        {label}
      </Label>
      <Input
        id={id}
        type={type}
        value={value}
        disabled={fixed}
        placeholder={placeholder}
        onChange={(event) => change(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint.id}
        autoComplete={type === "password" ? "new-password" : "off"}
        spellCheck={false}
      />
      {hint.shown}
      {after}
    </div>
  );
}

interface ChoiceProps<Value extends string> extends FieldProps {
  value: Value;
  change: (value: Value) => void;
  choices: readonly { value: Value; label: string; hint: string }[];
}

export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, value, change, choices, fixed } = props;
  const id = useId();
  const hint = useHint(props);
  return (
    <div className="flex flex-col gap-2">
      <Label id={id} size="small" weight="plus">
        {label}
      </Label>
      <RadioGroup
        value={value}
        disabled={fixed ?? false}
        onValueChange={(chosen) => change(chosen as Value)}
        aria-labelledby={id}
        aria-describedby={hint.id}
      >
        {choices.map((choice) => (
          <RadioGroup.ChoiceBox
            key={choice.value}
            value={choice.value}
            label={choice.label}
            description={choice.hint}
          />
        ))}
      </RadioGroup>
      {hint.shown}
    </div>
  );
}

interface SelectFieldProps extends FieldProps {
  value: string;
  change: (value: string) => void;
  choices: readonly string[];
}

export function SelectField(props: SelectFieldProps) {
  const { label, value, change, choices, fixed } = props;
  const id = useId();
  const hint = useHint(props);
  return (
    <div className="flex flex-col gap-2">
      <Label htmlFor={id} size="small" weight="plus">
        {label}
      </Label>
      <Select value={value} onValueChange={change} disabled={fixed ?? false}>
        <Select.Trigger id={id} aria-describedby={hint.id}>
          <Select.Value />
        </Select.Trigger>
        <Select.Content>
          {choices.map((choice) => (
            <Select.Item key={choice} value={choice}>
              {choice}
            </Select.Item>
          ))}
        </Select.Content>
      </Select>
      {hint.shown}
    </div>
  );
}

interface SwitchFieldProps extends FieldProps {
  checked: boolean;
  change: (checked: boolean) => void;
}

export function SwitchField(props: SwitchFieldProps) {
  const { label, checked, change, fixed } = props;
  const id = useId();
  const hint = useHint(props);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-4">
        <Label htmlFor={id} size="small" weight="plus">
          {label}
        </Label>
        <Switch
          id={id}
          checked={checked}
          disabled={fixed}
          onCheckedChange={change}
          aria-describedby={hint.id}
        />
      </div>
      {hint.shown}
    </div>
  );
}
