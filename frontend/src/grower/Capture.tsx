import { useState } from "react";
import { uuid } from "@/lib/uuid";
import { preparePhoto, UnreadablePhoto } from "./prepare";
import { type GrowerQueue, type QueuedPhoto, QueueFull } from "./queue";
import { t } from "./text";
import type { Place } from "./Where";

/** Which words the grower agreed to; a change of the words asks again. */
const CONSENT_VERSION = 1;
const CONSENT_KEY = "antesis.grower.location-consent";
const LOCATE_TIMEOUT_MS = 8_000;

interface CaptureProps {
  queue: GrowerQueue;
  userId: number;
  slug: string;
  place: Place;
}

/** Step 2: the camera or the gallery. Two inputs, since phones ignore `multiple` beside `capture`. */
export function Capture({ queue, userId, slug, place }: CaptureProps) {
  const [left, setLeft] = useState(0);
  const [problems, setProblems] = useState<string[]>([]);
  const [hasConsent, setConsent] = useState(
    () => localStorage.getItem(CONSENT_KEY) === String(CONSENT_VERSION),
  );

  const consent = (isGiven: boolean) => {
    if (isGiven) localStorage.setItem(CONSENT_KEY, String(CONSENT_VERSION));
    else localStorage.removeItem(CONSENT_KEY);
    setConsent(isGiven);
  };
  const take = async (files: File[], isCamera: boolean) => {
    setProblems([]);
    setLeft((count) => count + files.length);
    // Only a photo taken here and now was taken where the phone is.
    const location = isCamera && hasConsent ? await locate() : null;
    for (const file of files) {
      const problem = await enqueue(queue, file, { userId, slug, place, location, isCamera });
      if (problem) setProblems((before) => [...before, problem]);
      setLeft((count) => count - 1);
    }
  };

  return (
    <section className="card">
      <h2>
        <i>2</i> {t("photos")}
      </h2>
      <div className="pair">
        <Picker label={t("camera")} isCamera onFiles={(files) => void take(files, true)} />
        <Picker label={t("gallery")} onFiles={(files) => void take(files, false)} />
      </div>
      <p className="quiet">{left > 0 ? t("preparing", { n: left }) : t("tip")}</p>
      {problems.map((problem) => (
        <p key={problem} className="problem" role="alert">
          {problem}
        </p>
      ))}
      <label className="check">
        <input
          type="checkbox"
          checked={hasConsent}
          onChange={(event) => consent(event.currentTarget.checked)}
          aria-describedby="location-hint"
        />
        {t("location")}
      </label>
      <p className="quiet" id="location-hint">
        {t("locationHint")}
      </p>
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
      {label}
      <input
        type="file"
        accept="image/*"
        {...(isCamera ? { capture: "environment" as const } : { multiple: true })}
        onChange={(event) => {
          const input = event.currentTarget;
          onFiles(Array.from(input.files ?? []));
          // The same photo may be picked again.
          input.value = "";
        }}
      />
    </label>
  );
}

interface Context {
  userId: number;
  slug: string;
  place: Place;
  location: QueuedPhoto["location"];
  isCamera: boolean;
}

/** Prepares and stores one photo; answers what to tell the grower if that failed. */
async function enqueue(queue: GrowerQueue, file: File, context: Context): Promise<string | null> {
  try {
    const { blob, thumb, takenAt, sha256 } = await preparePhoto(file);
    await queue.add({
      clientId: uuid(),
      userId: context.userId,
      project: context.slug,
      siteId: context.place.siteId,
      plantId: context.place.plantId,
      place: context.place.name,
      takenAt: takenAt ?? (context.isCamera ? new Date().toISOString() : null),
      location: context.location,
      sha256,
      blob,
      thumb,
      bytes: blob.size,
      createdAt: Date.now(),
      state: "waiting",
      photoId: null,
      isDuplicate: false,
      problem: "",
    });
    return null;
  } catch (error) {
    if (error instanceof UnreadablePhoto) return t("unreadable", { name: file.name });
    return error instanceof QueueFull ? t("full") : t("failed", { name: file.name });
  }
}

function locate(): Promise<QueuedPhoto["location"]> {
  return new Promise((done) => {
    if (!navigator.geolocation) return done(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => done({ latitude, longitude, consentVersion: CONSENT_VERSION }),
      () => done(null),
      { timeout: LOCATE_TIMEOUT_MS, maximumAge: 60_000 },
    );
  });
}
