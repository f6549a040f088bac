import { findNativeEngine } from "../../../../src/engine/native-folder.ts";

const installation = findNativeEngine(process.env);

/** The addon of the installed native engine; a path without a file where there is none. */
export const nativeAddon = installation.folder.addon;

/** Why tests that need the native engine are skipped; undefined where it is installed. */
export const whyNoAddon = installation.isInstalled ? undefined : installation.reason;
