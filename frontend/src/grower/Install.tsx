import { useEffect, useState } from "react";
import { isApple, isInstalled } from "./device";
import { Icon } from "./Icon";
import { t } from "./text";

const LATER_KEY = "antesis.grower.install-later";

/** What Chromium hands over when the page may be installed. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** How to put the page on the home screen: a button where the browser offers one, words on an iPhone. */
export function Install() {
  const [offer, setOffer] = useState<InstallPrompt | null>(null);
  const [isHidden, setHidden] = useState(() => localStorage.getItem(LATER_KEY) !== null || isInstalled());
  useEffect(() => {
    const keep = (event: Event) => {
      event.preventDefault();
      setOffer(event as InstallPrompt);
    };
    const done = () => setHidden(true);
    window.addEventListener("beforeinstallprompt", keep);
    window.addEventListener("appinstalled", done);
    return () => {
      window.removeEventListener("beforeinstallprompt", keep);
      window.removeEventListener("appinstalled", done);
    };
  }, []);
  if (isHidden || !(offer || isApple())) return null;
  const later = () => {
    localStorage.setItem(LATER_KEY, "1");
    setHidden(true);
  };
  return (
    <section className="card" aria-labelledby="install">
      <h2 id="install">
        <Icon name="phone" /> {t("install.title")}
      </h2>
      <p>{t("install.why")}</p>
      {offer ? null : <p>{t("install.ios")}</p>}
      <div className="pair">
        <button type="button" onClick={later}>
          {t("install.later")}
        </button>
        {offer ? (
          <button type="button" className="primary" onClick={() => void offer.prompt()}>
            {t("install.button")}
          </button>
        ) : null}
      </div>
    </section>
  );
}
