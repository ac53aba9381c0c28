/** How Antesis looks: a quiet leaf green on warm greys, in light and in dark. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const brand: MantineColorsTuple = [
  "#eef6f0",
  "#dcebdf",
  "#bbd8c2",
  "#97c4a3",
  "#7ab58a",
  "#5fa273",
  "#4b8f60",
  "#367a4c",
  "#23683c",
  "#17502c",
];

const gray: MantineColorsTuple = [
  "#f7f8f5",
  "#eff1ec",
  "#e4e7e0",
  "#d3d8cf",
  "#b6bdb2",
  "#949c91",
  "#6f7870",
  "#566058",
  "#3a423c",
  "#232a25",
];

const dark: MantineColorsTuple = [
  "#dfe5e0",
  "#b9c2bb",
  "#98a39b",
  "#69756d",
  "#3d4841",
  "#2f3933",
  "#242d28",
  "#1b231f",
  "#141a17",
  "#0d1210",
];

const amber: MantineColorsTuple = [
  "#fdf6e6",
  "#f9eacb",
  "#f2d598",
  "#eabf62",
  "#e4ac38",
  "#dd9d1c",
  "#c78a10",
  "#a06c07",
  "#7d5304",
  "#5c3c02",
];

const clay: MantineColorsTuple = [
  "#fdefec",
  "#f9dcd6",
  "#f0b5aa",
  "#e88d7c",
  "#e06c57",
  "#d6553f",
  "#c2432e",
  "#a93522",
  "#8c2818",
  "#6d1d10",
];

export const theme = createTheme({
  primaryColor: "brand",
  // Measured: with these shades no text of the brand colour falls below 4.5:1, in light and in dark.
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  luminanceThreshold: 0.36,
  colors: { brand, gray, dark, amber, clay },
  defaultRadius: "md",
  fontFamily:
    'Inter, "Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "Cascadia Code", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.25" },
      h2: { fontSize: "1.125rem", lineHeight: "1.3" },
      h3: { fontSize: "1rem", lineHeight: "1.35" },
    },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Button: { defaultProps: { radius: "md" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "lg" } },
    Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 600 } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    // The page has one banner; a dialog's own header must not become a second one.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
    Modal: {
      defaultProps: { centered: true, radius: "lg", overlayProps: { backgroundOpacity: 0.45, blur: 2 } },
    },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 } } },
    Table: { defaultProps: { verticalSpacing: "sm", horizontalSpacing: "md" } },
    Progress: { defaultProps: { radius: "xl" } },
    Skeleton: { defaultProps: { radius: "md" } },
  },
});

/** Mantine's dimmed and placeholder greys fall below 4.5:1 on our canvas; these do not. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-text": "#1f2621",
    "--mantine-color-dimmed": "#566058",
    "--mantine-color-placeholder": "#6a736b",
    "--mantine-color-error": "#a93522",
    "--mantine-color-body": "#ffffff",
    "--antesis-canvas": "#f6f7f3",
    "--antesis-card": "#ffffff",
    "--antesis-line": "#e2e6de",
    "--antesis-line-strong": "#c9cfc4",
    "--antesis-hover": "#eff2ec",
    "--antesis-quiet": "#f1f3ee",
    "--antesis-chip-line": "rgba(20, 26, 23, 0.55)",
    "--antesis-shadow": "0 1px 2px rgba(31, 38, 33, 0.05), 0 4px 16px rgba(31, 38, 33, 0.04)",
  },
  dark: {
    "--mantine-color-text": "#dfe5e0",
    "--mantine-color-dimmed": "#a0aba3",
    "--mantine-color-placeholder": "#8b968e",
    "--mantine-color-error": "#f0b5aa",
    "--mantine-color-body": "#1b231f",
    "--antesis-canvas": "#141a17",
    "--antesis-card": "#1b231f",
    "--antesis-line": "#2c362f",
    "--antesis-line-strong": "#46524a",
    "--antesis-hover": "#242d28",
    "--antesis-quiet": "#212a25",
    "--antesis-chip-line": "rgba(255, 255, 255, 0.5)",
    "--antesis-shadow": "none",
  },
});
