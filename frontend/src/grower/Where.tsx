import { type FormEvent, useEffect, useMemo, useState } from "react";
import type { Site } from "@/api/types";
import { Icon } from "./Icon";
import {
  type Added,
  type Chosen,
  NOWHERE,
  type Option,
  type Place,
  placeOf,
  plantOptions,
  settled,
  siteOptions,
  tidy,
} from "./places";
import { readSites } from "./server";
import { t } from "./text";

interface WhereProps {
  slug: string;
  /** Changes when a photo has arrived: the server may have made a plot by it. */
  arrived: number;
  onPlace: (place: Place) => void;
}

function recall<T>(key: string, otherwise: T): T {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Step 1: plot and plant, remembered from the last time. */
export function Where({ slug, arrived, onPlace }: WhereProps) {
  const keys = useMemo(
    () => ({ chosen: `antesis.grower.where.${slug}`, added: `antesis.grower.added.${slug}` }),
    [slug],
  );
  const [sites, setSites] = useState<Site[]>([]);
  const [added, setAdded] = useState(() => recall<Added[]>(keys.added, []));
  const [chosen, setChosen] = useState(() => recall(keys.chosen, NOWHERE));
  const [isOpen, setOpen] = useState(chosen.site === "");
  const place = useMemo(() => placeOf(sites, added, chosen), [sites, added, chosen]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: reads again when a photo has arrived
  useEffect(() => {
    readSites(slug).then(setSites, () => undefined);
  }, [slug, arrived]);
  useEffect(() => {
    if (sites.length === 0) return;
    const now = settled(sites, added, chosen);
    if (JSON.stringify(now) === JSON.stringify({ added, chosen })) return;
    setAdded(now.added);
    setChosen(now.chosen);
  }, [sites, added, chosen]);
  useEffect(() => {
    localStorage.setItem(keys.chosen, JSON.stringify(chosen));
    localStorage.setItem(keys.added, JSON.stringify(added));
  }, [keys, chosen, added]);
  useEffect(() => onPlace(place), [place, onPlace]);

  const choose = (next: Chosen, extra?: Added) => {
    if (extra) setAdded((before) => [...before, extra]);
    setChosen(next);
  };
  return (
    <section className="card" aria-labelledby="where">
      <h2 id="where">
        <i>1</i> {t("where")}
      </h2>
      {isOpen || !place.name ? (
        <Choices
          sites={sites}
          added={added}
          chosen={chosen}
          onChoose={choose}
          onDone={chosen.site ? () => setOpen(false) : undefined}
        />
      ) : (
        <p className="summary">
          <Icon name="pin" />
          <b>{place.name}</b>
          <button type="button" onClick={() => setOpen(true)}>
            {t("change")}
          </button>
        </p>
      )}
    </section>
  );
}

interface ChoicesProps {
  sites: Site[];
  added: Added[];
  chosen: Chosen;
  onChoose: (chosen: Chosen, added?: Added) => void;
  onDone: (() => void) | undefined;
}

function Choices({ sites, added, chosen, onChoose, onDone }: ChoicesProps) {
  const [adding, setAdding] = useState<"site" | "plant" | null>(null);
  const { site, plant } = chosen;
  const choose = (next: Chosen, extra?: Added) => {
    setAdding(null);
    onChoose(next, extra);
  };
  const add = (name: string) => {
    const key = `+${name}`;
    if (adding === "site") {
      const known = siteOptions(sites, added).find((option) => option.name === name)?.key;
      choose({ site: known ?? key, plant: "" }, known ? undefined : { site: key, plant: "" });
      return;
    }
    const known = plantOptions(sites, added, site).find((option) => option.name === name)?.key;
    choose({ site, plant: known ?? key }, known ? undefined : { site, plant: key });
  };
  return (
    <>
      <div className="pair">
        <Choice
          label={t("site")}
          options={siteOptions(sites, added)}
          value={site}
          other={t("newSite")}
          onChange={(key) => choose({ site: key, plant: "" })}
          onOther={() => setAdding("site")}
        />
        {site ? (
          <Choice
            label={t("plant")}
            options={plantOptions(sites, added, site)}
            value={plant}
            other={t("newPlant")}
            onChange={(key) => choose({ site, plant: key })}
            onOther={() => setAdding("plant")}
          />
        ) : null}
      </div>
      {adding ? <AddName key={adding} onAdd={add} onCancel={() => setAdding(null)} /> : null}
      {onDone && !adding ? (
        <button type="button" onClick={onDone}>
          {t("ok")}
        </button>
      ) : null}
    </>
  );
}

interface ChoiceProps {
  label: string;
  options: Option[];
  value: string;
  other: string;
  onChange: (key: string) => void;
  onOther: () => void;
}

function Choice({ label, options, value, other, onChange, onOther }: ChoiceProps) {
  return (
    <label className="field">
      {label}
      <select
        value={options.some(({ key }) => key === value) ? value : ""}
        onChange={(event) => {
          const picked = event.currentTarget.value;
          if (picked === "other") onOther();
          else onChange(picked);
        }}
      >
        <option value="">{t("noSite")}</option>
        {options.map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
        <option value="other">{other}</option>
      </select>
    </label>
  );
}

function AddName({ onAdd, onCancel }: { onAdd: (name: string) => void; onCancel: () => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = tidy(String(new FormData(event.currentTarget).get("name")));
    if (name) onAdd(name);
  };
  return (
    <form className="inline" onSubmit={submit}>
      <label className="field">
        {t("name")}
        {/* biome-ignore lint/a11y/noAutofocus: the person has just asked for this field */}
        <input name="name" maxLength={80} required autoFocus />
      </label>
      <button type="submit" className="primary">
        {t("add")}
      </button>
      <button type="button" onClick={onCancel}>
        {t("cancel")}
      </button>
    </form>
  );
}
