/** A link as a QR code, drawn as one path. */

import { correction, generate } from "lean-qr";
import { svg } from "./elements.js";

/** Light modules around the code, as the standard asks for. */
const QUIET = 4;

/** The code; null where the link is too long for one. */
export function qrCode(link: string, label: string): SVGSVGElement | null {
  try {
    const code = generate(link, { minCorrectionLevel: correction.M });
    let path = "";
    for (let y = 0; y < code.size; y += 1) {
      for (let x = 0; x < code.size; x += 1) {
        const begin = x;
        while (x < code.size && code.get(x, y)) x += 1;
        if (x > begin) path += `M${begin} ${y}h${x - begin}v1h-${x - begin}z`;
      }
    }
    const side = code.size + 2 * QUIET;
    const attributes = {
      class: "gameball-qr",
      viewBox: `${-QUIET} ${-QUIET} ${side} ${side}`,
      role: "img",
      "aria-label": label,
      "shape-rendering": "crispEdges",
    };
    return svg(attributes, ["path", { d: path, fill: "#000" }]);
  } catch {
    return null;
  }
}
