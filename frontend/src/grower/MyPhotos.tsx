import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { MyPhoto, Project, Stage } from "@/api/types";
import { inkOn } from "@/lib/palette";
import { colorOf, stageDigit, stageName } from "@/lib/stages";
import type { GrowerQueue, QueuedPhoto } from "./queue";
import { readMyPhotos, readProject } from "./server";
import { language, type TextKey, t } from "./text";

const POLL_MS = 6_000;
const KNOWN_PROBLEMS = ["empty", "not_an_image", "too_large", "too_small", "truncated", "unsupported"];

function problemText(code: string): string {
  return t((KNOWN_PROBLEMS.includes(code) ? `problem.${code}` : "problem.other") as TextKey);
}

/** Step 3: every photo with its state and, once there is one, its answer. */
export function MyPhotos({ slug, queue }: { slug: string; queue: GrowerQueue }) {
  const { photos: queued } = useSyncExternalStore(queue.subscribe, queue.getState);
  const [project, setProject] = useState<Project | null>(null);
  const [sent, setSent] = useState<MyPhoto[]>([]);
  const [next, setNext] = useState<string | null>(null);

  useEffect(() => {
    readProject(slug).then(setProject, () => undefined);
  }, [slug]);
  const refresh = useCallback(async () => {
    if (document.visibilityState === "hidden" || !navigator.onLine) return;
    try {
      const page = await readMyPhotos(slug, null);
      // The first page replaces its photos; pages that were opened below stay.
      setSent((before) => {
        const fresh = new Set(page.results.map(({ id }) => id));
        return [...page.results, ...before.filter(({ id }) => !fresh.has(id))];
      });
      setNext((before) => before ?? page.next);
    } catch {
      // The next round tries again; what is on the page stays.
    }
  }, [slug]);
  const received = queued.filter(({ state }) => state === "received").length;
  // Reads again at once when a photo has arrived.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), POLL_MS);
    return () => clearInterval(timer);
  }, [refresh, received]);
  const more = async () => {
    const cursor = next ? new URL(next, location.href).searchParams.get("cursor") : null;
    const page = await readMyPhotos(slug, cursor ?? next);
    setSent((before) => [...before, ...page.results]);
    setNext(page.next);
  };

  const known = new Set(sent.flatMap(({ client_id, id }) => [client_id, String(id)]));
  const here = queued
    .filter(({ project: own }) => own === slug)
    .filter(({ clientId, photoId }) => !known.has(clientId) && !known.has(String(photoId)));
  const stages = project?.scale.stages ?? [];
  return (
    <section className="card">
      <h2>
        <i>3</i> {t("done")}
      </h2>
      <p className="quiet">{here.length + sent.length > 0 ? t("doneHint") : t("empty")}</p>
      <ul className="photos">
        {[...here].reverse().map((photo) => (
          <Here key={photo.clientId} photo={photo} onRemove={() => void queue.remove(photo.clientId)} />
        ))}
        {sent.map((photo) => (
          <Sent key={photo.id} photo={photo} stages={stages} />
        ))}
      </ul>
      {next ? (
        <button type="button" onClick={() => void more().catch(() => undefined)}>
          {t("more")}
        </button>
      ) : null}
    </section>
  );
}

/** A photo still on this phone. */
function Here({ photo, onRemove }: { photo: QueuedPhoto; onRemove: () => void }) {
  const url = useMemo(() => URL.createObjectURL(photo.thumb), [photo.thumb]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const state: TextKey =
    photo.state === "received" && photo.isDuplicate ? "state.duplicate" : `state.${photo.state}`;
  return (
    <li data-state={photo.state}>
      <img src={url} alt="" width={72} height={72} />
      <div>
        <b>{t(state)}</b>
        <small>{photo.place}</small>
        {photo.state === "refused" ? (
          <>
            <small className="problem">{problemText(photo.problem)}</small>
            <button type="button" className="plain" onClick={onRemove}>
              {t("remove")}
            </button>
          </>
        ) : null}
      </div>
    </li>
  );
}

const dates = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });

/** A photo at the server. */
function Sent({ photo, stages }: { photo: MyPhoto; stages: Stage[] }) {
  const place = [photo.site, photo.plant, dates.format(new Date(photo.taken_at ?? photo.received_at))];
  return (
    <li data-state={photo.answer ? "answered" : photo.status}>
      {photo.thumb_url ? (
        <img src={photo.thumb_url} alt="" width={72} height={72} loading="lazy" />
      ) : (
        <span className="blank" />
      )}
      <div>
        <Outcome photo={photo} stages={stages} />
        <small>{place.filter(Boolean).join(" · ")}</small>
      </div>
    </li>
  );
}

function Outcome({ photo, stages }: { photo: MyPhoto; stages: Stage[] }) {
  const { answer, status } = photo;
  if (!answer) {
    return (
      <>
        <b>{t(`state.${status}`)}</b>
        {status === "rejected" ? <small className="problem">{problemText(photo.rejection)}</small> : null}
      </>
    );
  }
  if (answer.outcome !== "stage") return <b className="soft">{t(`answer.${answer.outcome}`)}</b>;
  const stage = stages.find(({ position }) => position === answer.stage_position);
  const name = stage ? stageName(stage, language) : "";
  const isModel = answer.decided_by === "model";
  const sure = isModel ? ` · ${t("answer.confidence", { share: percent.format(answer.confidence) })}` : "";
  return (
    <>
      <b className="stage">
        {stage ? <StageMark stage={stage} count={stages.length} /> : null}
        {t(isModel ? "answer.model" : "answer.experts", { stage: name })}
        {sure}
      </b>
      <small>{t(isModel ? "answer.byModel" : "answer.byExperts")}</small>
    </>
  );
}

function StageMark({ stage, count }: { stage: Stage; count: number }) {
  const background = colorOf(stage, count);
  return (
    <span className="mark" style={{ background, color: inkOn(background) }} aria-hidden="true">
      {stageDigit(stage)}
    </span>
  );
}
