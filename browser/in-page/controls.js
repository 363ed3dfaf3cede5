/**
 * Finds all that the keyboard must reach, and notes from then on which of them gets the focus and whether one sees that. Returns
 * what each is.
 */
;() => {
  const SELECTOR = 'a[href], button, input, select, textarea, summary, audio[controls], [tabindex="0"]'
  // What opens a part that is closed is there, but not what is within.
  const isOpen = (element) =>
    !(element.localName === 'summary' ? element.parentElement.parentElement : element).closest(
      'details:not([open])',
    )
  const isThere = (element) =>
    !element.disabled && element.type !== 'hidden' && element.getClientRects().length > 0 && isOpen(element)
  // Of buttons that exclude each other, one is a stop.
  const radios = new Set()
  const isStop = ({ type, name }) => type !== 'radio' || (!radios.has(name) && radios.add(name))
  const look = (element) => {
    const style = getComputedStyle(element)
    const { outline, outlineStyle, border, borderStyle, boxShadow, backgroundColor, textDecorationLine } =
      style
    // What is not drawn can differ and not be seen.
    const ring = outlineStyle === 'none' ? '' : outline
    const edge = borderStyle === 'none' ? '' : border
    return JSON.stringify([ring, edge, boxShadow, backgroundColor, textDecorationLine])
  }
  const isInView = (element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect()
    return bottom > top && right > left && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  }

  document.activeElement?.blur()
  const controls = [...document.querySelectorAll(SELECTOR)]
    .filter((element) => isThere(element) && isStop(element))
    .map((element) => ({ element, unfocused: look(element) }))
  const noted = new Map()
  const indexOf = (target) =>
    controls.findIndex(
      ({ element }) =>
        element === target ||
        (target.type === 'radio' && element.type === 'radio' && element.name === target.name),
    )
  document.addEventListener('focusin', ({ target }) => {
    const at = indexOf(target)
    if (at < 0) return
    noted.set(at, { at, isSeen: controls[at].unfocused !== look(target), isInView: isInView(target) })
  })
  // By then the browser has scrolled to it, but what is there only while it has the focus is gone.
  document.addEventListener('focusout', ({ target }) => {
    const note = noted.get(indexOf(target))
    if (note && !note.isInView && !isInView(target)) note.isSeen = false
  })
  globalThis.focuses = () => [...noted.values()]
  return controls.map(({ element }) => {
    const name = element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent
    return `${element.localName} ${name.trim().slice(0, 40)}`
  })
}
