import { useState, useSyncExternalStore } from "react";
import type { ConsentStore } from "./consent";
import { Icon } from "./Icon";
import type { GrowerQueue } from "./queue";
import { t } from "./text";

interface ConsentCardProps {
  consent: ConsentStore;
  queue: GrowerQueue;
}

function useAnswer({ consent, queue }: ConsentCardProps) {
  const [isDeleted, setDeleted] = useState(false);
  const answer = async (isGiven: boolean) => {
    const wasGiven = consent.getState().answer === "yes";
    setDeleted(false);
    consent.answer(isGiven);
    if (!isGiven) await queue.forgetPlaces();
    // Without a signal it is told later; until then the card says so.
    await consent.settle().then(
      () => setDeleted(wasGiven && !isGiven),
      () => undefined,
    );
  };
  return { answer, isDeleted };
}

/** Asked once, with the second photo in mind: the first thing a grower meets should be the camera. */
export function ConsentQuestion(props: ConsentCardProps) {
  const state = useSyncExternalStore(props.consent.subscribe, props.consent.getState);
  const { answer } = useAnswer(props);
  if (state.answer !== null) return null;
  return (
    <section className="card" aria-labelledby="consent-ask">
      <h2 id="consent-ask">
        <Icon name="pin" /> {t("consent.ask")}
      </h2>
      <p>{t("consent.words")}</p>
      <div className="pair">
        <button type="button" onClick={() => void answer(false)}>
          {t("consent.no")}
        </button>
        <button type="button" onClick={() => void answer(true)}>
          {t("consent.yes")}
        </button>
      </div>
    </section>
  );
}

/** What was answered, and the way back. */
export function ConsentSetting(props: ConsentCardProps) {
  const state = useSyncExternalStore(props.consent.subscribe, props.consent.getState);
  const { answer, isDeleted } = useAnswer(props);
  const isOn = state.answer === "yes";
  return (
    <section className="card" aria-labelledby="consent">
      <h2 id="consent">
        <Icon name="pin" /> {t("consent.title")}
      </h2>
      <p>{t(isOn ? "consent.on" : "consent.off")}</p>
      <button type="button" onClick={() => void answer(!isOn)}>
        {t(isOn ? "consent.turnOff" : "consent.turnOn")}
      </button>
      <p role="status">
        {state.pending === "withdraw" ? t("consent.deleting") : null}
        {isDeleted && state.pending === null ? t("consent.deleted") : null}
      </p>
    </section>
  );
}
