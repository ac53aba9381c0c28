import { describe, expect, it } from "vitest";
import { pickLanguage } from "./index";

describe("pickLanguage", () => {
  it("takes the first language we have, whatever its region", () => {
    expect(pickLanguage(["fr-FR", "en-GB", "es"])).toBe("en");
    expect(pickLanguage(["es-MX", "en"])).toBe("es");
  });

  it("falls back to Spanish", () => {
    expect(pickLanguage(["de", "fr"])).toBe("es");
    expect(pickLanguage([])).toBe("es");
  });
});
