"""What is run inside a page of the browser: it looks at the page, clicks a button, and writes down what is shown."""

# One text for each link of a document.
LINKS = "() => Array.from(document.links, a => a.href + ' ' + a.textContent.trim())"

# How much there is in a document: elements that rows are made of.
SIZE = "() => document.getElementsByTagName('*').length"

# Answers once nothing else is to be done in a page.
IDLE = "() => new Promise(done => requestIdleCallback(() => setTimeout(done), {timeout: 1000}))"

HAS = "selector => document.querySelector(selector) !== null"

DOWN = "() => { window.scrollTo(0, document.documentElement.scrollHeight); window.dispatchEvent(new Event('scroll')); }"

# Clicks the first element that can be clicked, or only looks for it. Gives "gone", "ended" (it says that there is no
# more), or "clicked".
CLICK = """
({selector, click}) => {
  const ended = /(?:没有|无|暂无)更多|没有了|到底|(?:已|已经)(?:全部)?(?:加载|显示)?(?:完|全部)|已加载全部|no more/i;
  let state = 'gone';
  for (const found of document.querySelectorAll(selector)) {
    const style = getComputedStyle(found);
    const hidden = !found.getClientRects().length || style.visibility === 'hidden' || style.pointerEvents === 'none';
    const named = /(?:^|[\\s_-])(?:disabled|no-?more|ended)(?:$|[\\s_-])/i.test(found.className);
    if (hidden) continue;
    if (found.disabled || found.getAttribute('aria-disabled') === 'true' || named || ended.test(found.textContent)) {
      state = 'ended';
      continue;
    }
    if (click) found.click();
    return 'clicked';
  }
  return state;
}
"""

MARK = "(element, key) => element.setAttribute('data-frame-key', key)"

# The document as HTML, made in a copy that loads and runs nothing.
#   by: who rendered it, for the whole page; null for a frame, of which the inside of the body is given, with absolute
#   links. frames: key of a frame's element -> its HTML. drop: a selector of what is left out, or null.
WRITE = """
({by, frames, drop}) => {
  const inert = document.implementation.createHTMLDocument('');
  const root = inert.importNode(document.documentElement, true);
  if (drop) for (const found of root.querySelectorAll(drop)) found.remove();
  if (by === null) {
    const base = document.baseURI;
    for (const name of ['href', 'src', 'action', 'data-url', 'data-href'])
      for (const found of root.querySelectorAll(`[${name}]`)) {
        const link = found.getAttribute(name).trim();
        if (!link || /^(?:#|javascript:|mailto:|data:|blob:|about:)/i.test(link)) continue;
        try { found.setAttribute(name, new URL(link, base).href); } catch (error) {}
      }
  }
  const place = key => {
    const box = inert.createElement('div');
    box.setAttribute('data-frame', frames[key][0]);
    box.innerHTML = frames[key][1];
    return box;
  };
  for (const found of root.querySelectorAll('iframe[data-frame-key], frame[data-frame-key]')) {
    const key = found.getAttribute('data-frame-key');
    found.removeAttribute('data-frame-key');
    if (key in frames && found.localName === 'iframe') found.replaceWith(place(key));
  }
  const set = root.querySelector('frameset');
  if (set && Object.keys(frames).length) {
    const body = inert.createElement('body');
    for (const key of Object.keys(frames)) body.append(place(key));
    for (const other of root.querySelectorAll('frame'))
      if (!Object.values(frames).some(frame => frame[0] === other.src)) body.append(other.outerHTML);
    set.replaceWith(body);
  }
  const body = Array.from(root.children).find(child => child.localName === 'body');
  if (by === null) return body ? body.innerHTML : '';
  for (const found of root.querySelectorAll('meta[charset], meta[http-equiv="Content-Type" i]')) found.remove();
  const meta = inert.createElement('meta');
  meta.setAttribute('charset', 'utf-8');
  const head = root.querySelector('head');
  if (head) head.prepend(meta);
  root.setAttribute('data-rendered-by', by);
  return '<!DOCTYPE html>\\n' + root.outerHTML;
}
"""
