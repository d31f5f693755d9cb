/**
 * What every page shares: unpacking the data Python packed, and building DOM nodes from text.
 * Nothing here (or in any page's script) assigns innerHTML: strings reach the page as text only.
 */
(function (root) {
  "use strict";

  /**
   * Inflate the data block with this id.
   * @param {string} id id of an inert <script type="application/octet-stream">
   * @returns {Promise<any>} the object Python passed to Page.data
   */
  async function unpack(id) {
    const block = document.getElementById(id);
    if (!block) throw new Error(`This page carries no data named ${id}`);
    if (typeof DecompressionStream === "undefined") {
      throw new Error("This browser is too old to unpack the page's data; use Edge or Chrome 80, Firefox 113, Safari 16.4 or newer.");
    }
    const packed = Uint8Array.from(atob((block.textContent || "").trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  /**
   * Make an element; every child that is not a node becomes a text node.
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} tag
   * @param {Record<string, string|number|boolean|null>} [attributes] null and false are left out
   * @param {...(Node|string|number)} children
   * @returns {HTMLElementTagNameMap[K]}
   */
  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
    return node;
  }

  /**
   * The element with this id, which the page must have.
   * @template {HTMLElement} [T=HTMLElement]
   * @param {string} id
   * @param {new () => T} [kind] what it must be, such as HTMLSelectElement
   * @returns {T}
   */
  function find(id, kind) {
    const node = document.getElementById(id);
    if (!(node instanceof (kind || HTMLElement))) throw new Error(`This page lacks its element ${id}`);
    return /** @type {T} */ (node);
  }

  root.Borderless = Object.assign(root.Borderless || {}, /** @satisfies {Partial<BorderlessParts>} */ ({ unpack, element, find }));
})(window);
