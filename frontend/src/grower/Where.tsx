import { type FormEvent, useEffect, useState } from "react";
import type { Site } from "@/api/types";
import { addPlant, addSite, readSites } from "./server";
import { t } from "./text";

export interface Place {
  siteId: number | null;
  plantId: number | null;
  /** For the list on the phone. */
  name: string;
}

interface WhereProps {
  slug: string;
  onPlace: (place: Place) => void;
}

interface Remembered {
  siteId: number | null;
  plantId: number | null;
}

function recall(key: string): Remembered {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "") as Remembered;
  } catch {
    return { siteId: null, plantId: null };
  }
}

/** Step 1: plot and plant, remembered from the last time. */
export function Where({ slug, onPlace }: WhereProps) {
  const key = `antesis.grower.place.${slug}`;
  const [sites, setSites] = useState<Site[]>([]);
  const [chosen, setChosen] = useState(() => recall(key));
  const [adding, setAdding] = useState<"site" | "plant" | null>(null);
  const site = sites.find(({ id }) => id === chosen.siteId);
  const plant = site?.plants.find(({ id }) => id === chosen.plantId);

  useEffect(() => {
    readSites(slug).then(setSites, () => undefined);
  }, [slug]);
  useEffect(() => {
    onPlace({ ...chosen, name: [site?.name, plant?.name].filter(Boolean).join(" · ") });
  }, [chosen, site?.name, plant?.name, onPlace]);

  const choose = (next: Remembered) => {
    localStorage.setItem(key, JSON.stringify(next));
    setChosen(next);
    setAdding(null);
  };
  const add = async (name: string) => {
    if (adding === "site") {
      const made = await addSite(slug, name);
      setSites([...sites.filter(({ id }) => id !== made.id), made]);
      choose({ siteId: made.id, plantId: null });
    } else if (site) {
      const made = await addPlant(slug, site.id, name);
      const plants = [...site.plants.filter(({ id }) => id !== made.id), made];
      setSites(sites.map((each) => (each.id === site.id ? { ...each, plants } : each)));
      choose({ siteId: site.id, plantId: made.id });
    }
  };

  return (
    <section className="card">
      <h2>
        <i>1</i> {t("where")}
      </h2>
      <div className="pair">
        <Choice
          label={t("site")}
          options={sites}
          value={chosen.siteId}
          other={t("newSite")}
          onChange={(siteId) => choose({ siteId, plantId: null })}
          onOther={() => setAdding("site")}
        />
        {site ? (
          <Choice
            label={t("plant")}
            options={site.plants}
            value={chosen.plantId}
            other={t("newPlant")}
            onChange={(plantId) => choose({ siteId: site.id, plantId })}
            onOther={() => setAdding("plant")}
          />
        ) : null}
      </div>
      {adding ? <AddName key={adding} onAdd={add} onCancel={() => setAdding(null)} /> : null}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  options: { id: number; name: string }[];
  value: number | null;
  other: string;
  onChange: (id: number | null) => void;
  onOther: () => void;
}

function Choice({ label, options, value, other, onChange, onOther }: ChoiceProps) {
  const known = options.some(({ id }) => id === value);
  return (
    <label className="field">
      {label}
      <select
        value={known ? String(value) : ""}
        onChange={(event) => {
          const picked = event.currentTarget.value;
          if (picked === "other") onOther();
          else onChange(picked ? Number(picked) : null);
        }}
      >
        <option value="">{t("noSite")}</option>
        {options.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
        <option value="other">{other}</option>
      </select>
    </label>
  );
}

function AddName({ onAdd, onCancel }: { onAdd: (name: string) => Promise<void>; onCancel: () => void }) {
  const [hasFailed, setFailed] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (name) onAdd(name).catch(() => setFailed(true));
  };
  return (
    <form className="inline" onSubmit={submit}>
      <label className="field">
        {t("name")}
        <input name="name" maxLength={80} required />
      </label>
      <button type="submit" className="primary">
        {t("add")}
      </button>
      <button type="button" onClick={onCancel}>
        {t("cancel")}
      </button>
      {hasFailed ? (
        <p className="problem" role="alert">
          {t("addFailed")}
        </p>
      ) : null}
    </form>
  );
}
