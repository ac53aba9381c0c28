import { type ReactNode, useEffect, useRef, useState } from "react";
import type { MyPhoto, Stage } from "@/api/types";
import { stageDescription } from "@/lib/stages";
import { DateForm } from "./DateForm";
import { Outcome, problemText, useThumb } from "./PhotoRow";
import type { GrowerQueue, QueuedPhoto } from "./queue";
import { dateGiven, withdraw } from "./server";
import { at, nameOf } from "./stages";
import { dayOf, language, t } from "./text";

/** A sheet over the page; the browser's own dialog keeps the focus and closes on Escape. */
function Sheet({ label, onClose, children }: { label: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="sheet" aria-label={label} onClose={onClose}>
      <button type="button" className="shut" onClick={onClose}>
        {t("close")}
      </button>
      {children}
    </dialog>
  );
}

interface HereSheetProps {
  photo: QueuedPhoto;
  queue: GrowerQueue;
  onClose: () => void;
}

/** A photo on this phone: what it waits for, its date if the camera gave none, and the way out. */
export function HereSheet({ photo, queue, onClose }: HereSheetProps) {
  const url = useThumb(photo.thumb);
  const { clientId, state, takenAt, place } = photo;
  const isWaiting = state === "waiting";
  return (
    <Sheet label={t("photos")} onClose={onClose}>
      {url ? <img className="picture" src={url} alt="" /> : null}
      <b>{t(`state.${state}`)}</b>
      <p>{state === "refused" ? problemText(photo.problem) : t(`stateHint.${state}`)}</p>
      <p className="quiet">
        {[place, takenAt ? dayOf(takenAt) : t("date.none")].filter(Boolean).join(" · ")}
      </p>
      {isWaiting && !takenAt ? (
        <DateForm label={t("date.label")} onDate={(iso) => queue.update(clientId, { takenAt: iso })} />
      ) : null}
      {state === "sending" ? null : (
        <button type="button" onClick={() => void queue.remove(clientId).then(onClose)}>
          {t("remove")}
        </button>
      )}
    </Sheet>
  );
}

interface SentSheetProps {
  slug: string;
  photo: MyPhoto;
  stages: Stage[];
  onChanged: () => void;
  onClose: () => void;
}

/** A photo at the server: its answer beside what that stage looks like, how to take a better one, taking it back. */
export function SentSheet({ slug, photo, stages, onChanged, onClose }: SentSheetProps) {
  const { answer, place, taken_at: takenAt } = photo;
  const toCamera = () => {
    onClose();
    document.getElementById("photos")?.scrollIntoView();
  };
  const gone = () => {
    onChanged();
    onClose();
  };
  const where = [photo.site, photo.plant, takenAt ? dayOf(takenAt) : t("date.none")];
  const stage = answer ? at(stages, answer.stage_position) : undefined;
  return (
    <Sheet label={t("photos")} onClose={onClose}>
      {photo.view_url ? <img className="picture" src={photo.view_url} alt="" /> : null}
      <div className="outcome">
        <Outcome photo={photo} stages={stages} />
      </div>
      {answer?.decided_by === "model" ? <p>{t("answer.byModelHint")}</p> : null}
      {!answer && photo.status !== "rejected" ? <p>{t(`stateHint.${photo.status}`)}</p> : null}
      {stage ? <Looks stage={stage} /> : null}
      {photo.advice.length > 0 && photo.status === "ready" ? (
        <div className="better">
          <b>{t("better")}</b>
          <ul>
            {photo.advice.map((code) => (
              <li key={code}>{t(`advice.${code}`)}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <p className="quiet">{where.filter(Boolean).join(" · ")}</p>
      {place ? (
        <p className="quiet">
          {t("place", { latitude: place.latitude.toFixed(5), longitude: place.longitude.toFixed(5) })}
        </p>
      ) : null}
      {takenAt || photo.status === "rejected" ? null : (
        <DateForm label={t("date.label")} onDate={(iso) => dateGiven(slug, photo.id, iso).then(onChanged)} />
      )}
      {photo.status === "rejected" ? (
        <button type="button" className="primary" onClick={toCamera}>
          {t("again")}
        </button>
      ) : null}
      <Withdraw slug={slug} photo={photo} onDone={gone} />
    </Sheet>
  );
}

/** One sentence and one picture of a stage, to compare with. */
function Looks({ stage }: { stage: Stage }) {
  const reference = stage.references[0];
  const sentence = stageDescription(stage, language);
  if (!reference && !sentence) return null;
  return (
    <figure className="looks">
      {reference ? <img src={reference.view_url} alt="" loading="lazy" /> : null}
      <figcaption>
        <b>{t("answer.looks", { stage: nameOf(stage) })}</b>
        <span>{sentence}</span>
      </figcaption>
    </figure>
  );
}

/** Says what will happen before it happens. */
function Withdraw({ slug, photo, onDone }: { slug: string; photo: MyPhoto; onDone: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  if (!isAsking)
    return (
      <button type="button" className="plain" onClick={() => setAsking(true)}>
        {t("withdraw.button")}
      </button>
    );
  return (
    <div className="better" ref={(box) => box?.scrollIntoView({ block: "end" })}>
      <p>{t(photo.is_used ? "withdraw.releases" : "withdraw.deletes")}</p>
      <div className="pair">
        <button type="button" onClick={() => setAsking(false)}>
          {t("cancel")}
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => void withdraw(slug, photo.id).then(onDone, () => setFailed(true))}
        >
          {t("withdraw.sure")}
        </button>
      </div>
      {hasFailed ? (
        <p className="problem" role="alert">
          {t("withdraw.failed")}
        </p>
      ) : null}
    </div>
  );
}
