/** Elements made without markup as text, so that pages may forbid it (Trusted Types). */

const SVG = "http://www.w3.org/2000/svg";

type Child = Node | string | null;

/** An HTML element. */
export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A drawing of paths and rectangles. */
export function svg(
  attributes: Readonly<Record<string, string>>,
  ...shapes: readonly (readonly [tag: "path" | "rect", attributes: Readonly<Record<string, string>>])[]
): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries(attributes)) drawing.setAttribute(name, value);
  for (const [tag, given] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(given)) shape.setAttribute(name, value);
    drawing.append(shape);
  }
  return drawing;
}

/** An icon of 24 by 24. */
export function icon(name: string, ...shapes: Parameters<typeof svg>[1][]): SVGSVGElement {
  const attributes = { class: `gameball-icon ${name}`.trim(), viewBox: "0 0 24 24", "aria-hidden": "true" };
  return svg(attributes, ...shapes);
}
