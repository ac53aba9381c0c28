import { useId } from "react";
import classes from "./ChoiceCards.module.css";

export interface Choice<Value extends string> {
  value: Value;
  title: string;
  /** One sentence that tells whom the choice is for. */
  hint: string;
}

export interface ChoiceCardsProps<Value extends string> {
  legend: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One of several things that need a sentence each. Where there is no room, only the chosen one says its sentence. */
export function ChoiceCards<Value extends string>({
  legend,
  choices,
  value,
  onChange,
}: ChoiceCardsProps<Value>) {
  const name = useId();
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <fieldset className={classes.set}>
      <legend className={classes.legend}>{legend}</legend>
      <div className={classes.grid}>
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={classes.card}
            data-chosen={choice.value === value || undefined}
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
              aria-labelledby={`${name}-${choice.value}`}
              aria-describedby={`${name}-${choice.value}-hint`}
              className={classes.input}
            />
            <span id={`${name}-${choice.value}`} className={classes.title}>
              {choice.title}
            </span>
            <span id={`${name}-${choice.value}-hint`} className={classes.hint}>
              {choice.hint}
            </span>
          </label>
        ))}
      </div>
      {chosen ? (
        <p className={classes.chosen} aria-hidden="true">
          {chosen.hint}
        </p>
      ) : null}
    </fieldset>
  );
}
