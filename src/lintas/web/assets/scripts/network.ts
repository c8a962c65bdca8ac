/** The picture of a network, drawn from the data beside its table. Laid out once; the table says the same in words. */
import cytoscape from "cytoscape";

interface Held {
  nodes: { id: string; caption: string; schema: string; is_me: boolean; is_target: boolean }[];
  links: { source: string; target: string; words: string }[];
}

export async function draw(place: HTMLElement): Promise<void> {
  const canvas = place.querySelector<HTMLElement>(".canvas");
  const held = JSON.parse(place.querySelector("script")?.textContent ?? "null") as Held | null;
  if (!canvas || !held) return;
  // A canvas does not wait for the fonts that the letters of a name need; the page does not ask for them either.
  const captions = held.nodes.map((node) => node.caption).join("");
  await Promise.all([400, 600].map((weight) => document.fonts.load(`${weight} 11px ${fonts()}`, captions)));
  const picture = cytoscape({
    container: canvas,
    elements: {
      nodes: held.nodes.map((node) => ({
        data: { id: node.id, label: short(node.caption), caption: node.caption },
        classes: `${node.is_me ? "me" : ""} ${node.is_target ? "target" : ""} ${shape(node.schema)}`,
      })),
      edges: pairs(held).map(([source, target]) => ({ data: { id: `${source}\u001f${target}`, source, target } })),
    },
    style: style(),
    layout: { name: "preset", positions: rings(held, canvas), fit: false } as cytoscape.LayoutOptions,
    minZoom: 0.2,
    maxZoom: 2,
    userZoomingEnabled: false,
  });
  picture.on("tap", "node", (event) => {
    location.href = `/dossiers/${encodeURIComponent(event.target.id() as string)}`;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => picture.style(style()));
}

/**
 * Where each entity stands: the dossier's own in the middle, the others around it on ellipses as wide as the place.
 * Always the same, so that a picture that was seen once is known again.
 */
function rings(held: Held, place: HTMLElement): Record<string, cytoscape.Position> {
  const middle = { x: place.clientWidth / 2, y: place.clientHeight / 2 - 6 };
  const others = held.nodes.filter((node) => !node.is_me);
  const n_rings = Math.max(1, Math.ceil(others.length / 24));
  const out: Record<string, cytoscape.Position> = {};
  for (const node of held.nodes) if (node.is_me) out[node.id] = middle;
  others.forEach((node, i) => {
    const ring = n_rings - (i % n_rings);
    const on_ring = Math.ceil((others.length - (i % n_rings)) / n_rings);
    const angle = (2 * Math.PI * (Math.floor(i / n_rings) + (ring % 2) / 2)) / on_ring - Math.PI / 2;
    const share = ring / n_rings;
    // Names stand beside each other on the sides and over each other at top and bottom: every second one is lower.
    const jog = others.length > 8 && i % 2 ? 0.82 : 1;
    out[node.id] = {
      x: middle.x + Math.cos(angle) * (middle.x - 110) * share * (jog === 1 ? 1 : 0.94),
      y: middle.y + Math.sin(angle) * (middle.y - 46) * share * jog,
    };
  });
  return out;
}

/** One line for two entities, however many statements link them. */
function pairs(held: Held): [string, string][] {
  const seen = new Map<string, [string, string]>();
  for (const { source, target } of held.links) seen.set([source, target].sort().join("\u001f"), [source, target]);
  return [...seen.values()];
}

/** Cut between letters, never between a letter and its marks. */
function short(text: string): string {
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  return letters.length > 26 ? `${letters.slice(0, 25).join("")}…` : text;
}

function fonts(): string {
  return getComputedStyle(document.body).fontFamily;
}

function shape(schema: string): string {
  if (schema === "Person") return "person";
  return schema === "Vessel" || schema === "Airplane" ? "craft" : "body";
}

function style(): cytoscape.StylesheetJson {
  const ink = (name: string): string => {
    // light-dark() is resolved by the browser only where a colour is used.
    const probe = document.createElement("i");
    probe.className = `ink-${name}`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  const [sea, tint, sheet, text, line, control] = ["sea", "tint", "sheet", "ink", "line", "control"].map(ink);
  return [
    {
      selector: "node",
      style: {
        label: "data(label)",
        color: text!,
        "font-family": fonts(),
        "font-size": 11,
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-background-color": sheet!,
        "text-background-opacity": 0.85,
        "background-color": sheet!,
        "border-color": control!,
        "border-width": 1.5,
        width: 16,
        height: 16,
      },
    },
    { selector: "node.target", style: { "border-color": sea!, "background-color": tint! } },
    { selector: "node.body", style: { shape: "rectangle" } },
    { selector: "node.craft", style: { shape: "diamond", width: 20, height: 20 } },
    {
      selector: "node.me",
      style: { "background-color": sea!, "border-color": sea!, width: 22, height: 22, "font-weight": 600 },
    },
    { selector: "edge", style: { width: 1.5, "line-color": line!, "curve-style": "straight" } },
  ] as cytoscape.StylesheetJson;
}
