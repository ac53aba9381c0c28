import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Overlays } from "./Overlays";
import { queryClient } from "./queryClient";
import { cssVariables, theme } from "./theme";

/** The style elements that Mantine adds are allowed by this nonce only. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
}

// The scroll lock of dialogs adds a style element through a library that reads the nonce from this name only.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() });

export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Overlays />
        {children}
      </QueryClientProvider>
    </MantineProvider>
  );
}
