import type { Link } from '../parts/link.js';

/** Milliseconds that a slow connection adds to whatever is said, either way. */
const delayMs = 150;

/** Disturbs a connection; returns what mends it. */
export function disturbLink(link: Link, action: 'cut' | 'silence' | 'delay'): () => void {
  if (action === 'cut') link.cut();
  else if (action === 'silence') link.silence();
  else link.delay(delayMs);
  return () => link.restore();
}
