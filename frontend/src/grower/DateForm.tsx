import { type FormEvent, useState } from "react";
import { t } from "./text";

interface DateFormProps {
  label: string;
  /** Called with noon of the day where the phone is: whatever zone reads it, it stays the same day. */
  onDate: (iso: string) => Promise<unknown>;
}

/** Asks for a day that no camera wrote down. */
export function DateForm({ label, onDate }: DateFormProps) {
  const [hasFailed, setFailed] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const day = String(new FormData(event.currentTarget).get("day"));
    onDate(new Date(`${day}T12:00:00`).toISOString()).catch(() => setFailed(true));
  };
  return (
    <form className="inline" onSubmit={submit}>
      <label className="field">
        {label}
        <input name="day" type="date" max={new Date().toLocaleDateString("sv")} required />
      </label>
      <button type="submit">{t("date.save")}</button>
      {hasFailed ? (
        <p className="problem" role="alert">
          {t("date.failed")}
        </p>
      ) : null}
    </form>
  );
}
