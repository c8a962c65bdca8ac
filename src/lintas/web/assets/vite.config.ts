import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/",
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: true,
    // The pages' content security policy knows no data: for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // HTMX holds an eval that its settings (allowEval: false) and the policy of the pages keep shut.
    rolldownOptions: { input: "main.ts", checks: { eval: false } },
  },
});
