import { useEffect, useMemo } from "react";
import type { MyPhoto, Stage } from "@/api/types";
import { Icon, type IconName } from "./Icon";
import type { QueuedPhoto } from "./queue";
import { answerText, at, codeOf, nameOf, StageMark } from "./stages";
import { dayOf, shareOf, type TextKey, t } from "./text";

const KNOWN_PROBLEMS = [
  "empty",
  "not_an_image",
  "too_large",
  "too_small",
  "truncated",
  "unsupported",
  "too_blurred",
  "too_dark",
  "too_bright",
  "no_detail",
];

/** Why a photo was not taken, and how to take a better one. */
export function problemText(code: string): string {
  return t((KNOWN_PROBLEMS.includes(code) ? `problem.${code}` : "problem.other") as TextKey);
}

const ICONS: Record<QueuedPhoto["state"] | MyPhoto["status"], IconName> = {
  waiting: "clock",
  sending: "up",
  received: "check",
  refused: "alert",
  ready: "check",
  rejected: "alert",
};

/** The thumbnail of a photo on this phone; null where the browser cannot show it. */
export function useThumb(thumb: Blob | null): string | null {
  const url = useMemo(() => (thumb ? URL.createObjectURL(thumb) : null), [thumb]);
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url]);
  return url;
}

function Thumb({ url }: { url: string | null }) {
  if (url) return <img src={url} alt="" width={88} height={88} loading="lazy" />;
  return (
    <span className="blank">
      <Icon name="gallery" size={32} />
    </span>
  );
}

/** A photo still on this phone. */
export function HereRow({ photo, onOpen }: { photo: QueuedPhoto; onOpen: () => void }) {
  const url = useThumb(photo.thumb);
  const { state } = photo;
  const text: TextKey = state === "received" && photo.isDuplicate ? "state.duplicate" : `state.${state}`;
  const day = photo.takenAt ? dayOf(photo.takenAt) : t("date.none");
  return (
    <li data-state={state}>
      <button type="button" className="row" onClick={onOpen}>
        <Thumb url={url} />
        <span>
          <b className="state">
            <Icon name={ICONS[state]} size={20} />
            {t(text)}
          </b>
          {state === "refused" ? <span className="problem">{problemText(photo.problem)}</span> : null}
          <small>{[photo.place, day].filter(Boolean).join(" · ")}</small>
        </span>
      </button>
    </li>
  );
}

interface SentRowProps {
  photo: MyPhoto;
  stages: Stage[];
  isNew: boolean;
  onOpen: () => void;
}

/** A photo at the server. */
export function SentRow({ photo, stages, isNew, onOpen }: SentRowProps) {
  const place = [photo.site, photo.plant, photo.taken_at ? dayOf(photo.taken_at) : t("date.none")];
  return (
    <li data-state={photo.answer ? "answered" : photo.status}>
      <button type="button" className="row" onClick={onOpen}>
        <Thumb url={photo.thumb_url} />
        <span>
          {isNew ? <em className="new">{t("new")}</em> : null}
          <Outcome photo={photo} stages={stages} />
          {photo.advice.length > 0 && photo.status === "ready" ? (
            <span className="advice">{photo.advice.map((code) => t(`advice.${code}`)).join(" ")}</span>
          ) : null}
          <small>{place.filter(Boolean).join(" · ")}</small>
        </span>
      </button>
    </li>
  );
}

/** State of a photo, or its answer: the stage with its margin, the code, and who says so. */
export function Outcome({ photo, stages }: { photo: MyPhoto; stages: Stage[] }) {
  const { answer, status } = photo;
  if (!answer) {
    return (
      <>
        <b className="state">
          <Icon name={ICONS[status]} size={20} />
          {t(`state.${status}`)}
        </b>
        {status === "rejected" ? <span className="problem">{problemText(photo.rejection)}</span> : null}
      </>
    );
  }
  if (answer.outcome !== "stage") return <b className="soft">{t(`answer.${answer.outcome}`)}</b>;
  const stage = at(stages, answer.stage_position);
  const isSure = answer.lower_position === answer.upper_position;
  const isModel = answer.decided_by === "model";
  return (
    <>
      <b className="stage">
        {stage ? <StageMark stage={stage} count={stages.length} /> : null}
        {answerText(answer, stages)}
      </b>
      <small>
        {[isSure ? "" : t("answer.likeliest", { stage: nameOf(stage) }), codeOf(answer, stages)]
          .filter(Boolean)
          .join(" · ")}
      </small>
      <span className="who" data-who={answer.decided_by}>
        <Icon name={isModel ? "spark" : "people"} size={18} />
        {t(isModel ? "answer.byModel" : "answer.byExperts")}
        {isModel ? ` · ${t("answer.sure", { share: shareOf(answer.confidence) })}` : ""}
      </span>
    </>
  );
}
