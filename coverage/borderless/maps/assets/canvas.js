/**
 * What every page shares: unpacking the data Python packed, and building DOM nodes from text.
 * Nothing here (or in any page's script) assigns innerHTML: strings reach the page as text only.
 */
(function (root) {
  "use strict";

  /**
   * Inflate the data block with this id.
   * @param {string} id id of an inert <script type="application/octet-stream">
   * @returns {Promise<Response>} its bytes
   */
  async function inflate(id) {
    const block = document.getElementById(id);
    if (!block) throw new Error(`This page carries no data named ${id}`);
    if (typeof DecompressionStream === "undefined") {
      throw new Error("This browser is too old to unpack the page's data; use Edge or Chrome 80, Firefox 113, Safari 16.4 or newer.");
    }
    const packed = Uint8Array.from(atob((block.textContent || "").trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream);
  }

  /**
   * @param {string} id id of a data block
   * @returns {Promise<any>} the object Python passed to Page.data
   */
  async function unpack(id) {
    return JSON.parse(await (await inflate(id)).text());
  }

  /** The kinds of arrays that a page may carry. */
  const ARRAYS = { Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float64Array };

  /**
   * @param {string} id id of a data block
   * @returns {Promise<Object<string, any>>} the arrays Python passed to Page.arrays, by name
   */
  async function unpackArrays(id) {
    const bytes = await (await inflate(id)).arrayBuffer();
    const length = new DataView(bytes).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    /** @type {Object<string, any>} */
    const arrays = {};
    let at = 4 + length;
    for (const [name, type, size] of header) {
      at += (8 - (at % 8)) % 8;
      const kind = ARRAYS[/** @type {keyof typeof ARRAYS} */ (type)];
      arrays[name] = new kind(bytes, at, size);
      at += arrays[name].byteLength;
    }
    return arrays;
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

  root.Borderless = Object.assign(root.Borderless || {}, /** @satisfies {Partial<BorderlessParts>} */ ({ unpack, unpackArrays, element, find }));
})(window);
