/** What every page loads: styles, HTMX, and the small modules; the picture of a network comes when a page has one. */
import "./css/fonts.css";
import "./css/tokens.css";
import "./css/frame.css";
import "./css/parts.css";
import "./css/sides.css";
import "./css/fields.css";
import "./css/forms.css";
import "./css/tables.css";
import "./css/timebar.css";
import "./css/match.css";
import "./css/inbox.css";
import "./css/exchange.css";
import "./css/administration.css";
import "./css/phone.css";
import "./css/cards.css";
import "./css/scripts.css";
import "./css/print.css";
import htmx from "htmx.org";

import { startEnds } from "./scripts/ends";
import { startFields } from "./scripts/fields";
import { startKeys } from "./scripts/keys";
import { startLinks } from "./scripts/links";
import { startParts } from "./scripts/parts";
import { startPasskeys } from "./scripts/passkeys";
import { startRows } from "./scripts/rows";
import { startScroll } from "./scripts/scroll";
import { startTimes } from "./scripts/times";

void htmx;
startParts();
startScroll();
startRows();
startKeys();
startFields();
startPasskeys();
startLinks();
startTimes();
startEnds();

const network = document.querySelector<HTMLElement>("[data-network]");
if (network) void import("./scripts/network").then(({ draw }) => draw(network));
