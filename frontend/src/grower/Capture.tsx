import { useEffect, useState, useSyncExternalStore } from "react";
import { uuid } from "@/lib/uuid";
import { CONSENT_VERSION, type ConsentStore } from "./consent";
import { Icon } from "./Icon";
import type { Place } from "./places";
import { PhotoTooLarge, type Prepared, preparePhoto, UnreadablePhoto } from "./prepare";
import { type GrowerQueue, type QueuedPhoto, QueueFull } from "./queue";
import { t } from "./text";

const LOCATE_TIMEOUT_MS = 8_000;

interface CaptureProps {
  queue: GrowerQueue;
  consent: ConsentStore;
  userId: number;
  slug: string;
  place: Place;
}

/** Step 2: the camera or the gallery. Two inputs, since phones ignore `multiple` beside `capture`. */
export function Capture({ queue, consent, userId, slug, place }: CaptureProps) {
  const [{ done, all }, setProgress] = useState({ done: 0, all: 0 });
  const [problems, setProblems] = useState<string[]>([]);
  const { answer } = useSyncExternalStore(consent.subscribe, consent.getState);
  const isBusy = done < all;
  // A photo that is not kept yet would be lost with the page.
  useEffect(() => {
    if (!isBusy) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [isBusy]);

  const take = async (files: File[], isCamera: boolean) => {
    setProblems([]);
    // Picked while others are still being kept: one count for both.
    setProgress((now) =>
      now.done < now.all ? { ...now, all: now.all + files.length } : { done: 0, all: files.length },
    );
    const step = (n: number) => setProgress((now) => ({ ...now, done: now.done + n }));
    const isPlaced = answer === "yes";
    // Only a photo taken here and now was taken where the phone is.
    const here = isCamera && isPlaced ? await locate() : null;
    for (const [index, file] of files.entries()) {
      const problem = await enqueue(queue, file, { userId, slug, place, here, isPlaced, isCamera });
      // One that finds no room would only be followed by more of the same.
      const isFull = problem === t("full");
      step(isFull ? files.length - index : 1);
      if (problem) setProblems((before) => [...before, problem]);
      if (isFull) break;
    }
  };

  return (
    <section className="card" aria-labelledby="photos">
      <h2 id="photos">
        <i>2</i> {t("photos")}
      </h2>
      <div className="pair">
        <Picker label={t("camera")} isCamera onFiles={(files) => void take(files, true)} />
        <Picker label={t("gallery")} onFiles={(files) => void take(files, false)} />
      </div>
      <p className="quiet" role="status" data-busy={isBusy || undefined}>
        {isBusy ? t("preparing", { n: Math.min(done + 1, all), all }) : t("tip")}
      </p>
      {isBusy ? <progress value={done} max={all} aria-label={t("preparing", { n: done, all })} /> : null}
      {problems.map((problem) => (
        <p key={problem} className="problem" role="alert">
          <Icon name="alert" />
          {problem}
        </p>
      ))}
    </section>
  );
}

interface PickerProps {
  label: string;
  isCamera?: boolean;
  onFiles: (files: File[]) => void;
}

function Picker({ label, isCamera = false, onFiles }: PickerProps) {
  return (
    <label className={isCamera ? "big primary" : "big"}>
      <Icon name={isCamera ? "camera" : "gallery"} size={36} />
      {label}
      <input
        type="file"
        accept="image/*,.heic,.heif"
        {...(isCamera ? { capture: "environment" as const } : { multiple: true })}
        onChange={(event) => {
          const input = event.currentTarget;
          const files = Array.from(input.files ?? []);
          // The same photo may be picked again.
          input.value = "";
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}

interface Context {
  userId: number;
  slug: string;
  place: Place;
  here: { latitude: number; longitude: number } | null;
  isPlaced: boolean;
  isCamera: boolean;
}

/** Prepares and stores one photo; answers what to tell the grower if that failed. */
async function enqueue(queue: GrowerQueue, file: File, context: Context): Promise<string | null> {
  try {
    const prepared = await preparePhoto(file);
    await queue.add(rowOf(prepared, context));
    return null;
  } catch (error) {
    if (error instanceof UnreadablePhoto) return t("unreadable", { name: file.name });
    if (error instanceof PhotoTooLarge) return t("tooLarge", { name: file.name });
    return error instanceof QueueFull ? t("full") : t("failed", { name: file.name });
  }
}

function rowOf(prepared: Prepared, { userId, slug, place, here, isPlaced, isCamera }: Context): QueuedPhoto {
  const { blob, thumb, takenAt, position, sha256 } = prepared;
  const at = isPlaced ? (here ?? position) : null;
  return {
    clientId: uuid(),
    userId,
    project: slug,
    siteId: place.siteId,
    plantId: place.plantId,
    newSite: place.newSite,
    newPlant: place.newPlant,
    place: place.name,
    takenAt: takenAt ?? (isCamera ? new Date().toISOString() : null),
    location: at && { ...at, consentVersion: CONSENT_VERSION },
    sha256,
    blob,
    thumb,
    bytes: blob.size,
    createdAt: Date.now(),
    state: "waiting",
    photoId: null,
    isDuplicate: false,
    problem: "",
  };
}

function locate(): Promise<Context["here"]> {
  return new Promise((done) => {
    if (!navigator.geolocation) return done(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => done({ latitude, longitude }),
      () => done(null),
      { timeout: LOCATE_TIMEOUT_MS, maximumAge: 60_000 },
    );
  });
}
