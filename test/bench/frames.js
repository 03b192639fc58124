// Runs in the page: when rows of a list were first on screen, and how long each frame was while somebody listens.
window.frames = { list: 'treegrid', fromMs: 0, firstRowsMs: null, deltas: null, last: 0 }
const tick = (now) => {
  const { frames } = window
  if (
    frames.firstRowsMs === null &&
    document.querySelector(`[role=${frames.list}] [role=row] [role=gridcell]:not(:only-child)`) !== null
  )
    frames.firstRowsMs = now - frames.fromMs
  if (frames.deltas !== null && frames.last > 0) frames.deltas.push(now - frames.last)
  frames.last = now
  requestAnimationFrame(tick)
}
requestAnimationFrame(tick)
