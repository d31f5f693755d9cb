// What the pages' scripts are held to. Run from the repository's root: see package.json.
import js from "@eslint/js";

// Names from files reach a page as text only; nothing may turn a string into markup or code.
const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc", "createContextualFragment", "setHTMLUnsafe", "parseFromString"];
const shared = {
  "array-callback-return": "error",
  "consistent-return": "error",
  "default-param-last": "error",
  eqeqeq: "error",
  "max-lines": ["error", 400],
  "max-params": ["error", 8],
  "no-alert": "error",
  "no-console": "error",
  "no-else-return": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-lonely-if": "error",
  "no-new-func": "error",
  "no-param-reassign": ["error", { props: false }],
  "no-restricted-properties": ["error", ...MARKUP.map((property) => ({ property })), { object: "document", property: "write" }],
  "no-script-url": "error",
  "no-shadow": "error",
  "no-undef": "off", // TypeScript knows better
  "no-unneeded-ternary": "error",
  "no-use-before-define": ["error", { functions: false, classes: true }],
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
  radix: "error",
};

export default [
  js.configs.recommended,
  { ignores: ["**/assets/leaflet/**", "**/node_modules/**"] },
  { files: ["coverage/borderless/**/*.js"], languageOptions: { sourceType: "script" }, rules: { ...shared, strict: ["error", "function"] } },
  { files: ["tests/javascript/**/*.js"], rules: shared },
];
