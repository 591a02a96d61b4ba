import { Router } from 'express';
import { BEHAVIOURS, isBehaviour } from '../behaviour/behaviour.js';
import { MAX_DELAY_MS, type Control, type ControlState } from '../behaviour/control.js';
import { isObject } from '../json.js';
import { invalidRequest } from './errors.js';

/** `GET /control` shows how the server answers at present, `PUT /control` changes it. */
export function controlRoutes(control: Control): Router {
  const router = Router();
  router.get('/control', (_request, response) => {
    response.json(control.show());
  });
  router.put('/control', (request, response) => {
    control.set(parseControl(request.body));
    response.json(control.show());
  });
  return router;
}

function parseControl(body: unknown): ControlState {
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object, sent as application/json.');
  const { behaviour = 'normal', delay_ms = 0, times = null, ...unknown } = body;
  const [stray] = Object.keys(unknown);
  if (stray !== undefined) throw invalidRequest(`'${stray}' is not a setting.`, stray);
  if (!isBehaviour(behaviour)) {
    throw invalidRequest(`'behaviour' must be one of ${BEHAVIOURS.join(', ')}.`, 'behaviour');
  }
  if (typeof delay_ms !== 'number' || !(delay_ms >= 0 && delay_ms <= MAX_DELAY_MS)) {
    throw invalidRequest(`'delay_ms' must be 0 to ${MAX_DELAY_MS}.`, 'delay_ms');
  }
  if (times !== null && !(typeof times === 'number' && Number.isInteger(times) && times > 0)) {
    throw invalidRequest("'times' must be a whole number above 0, or null.", 'times');
  }
  return { behaviour, delay_ms, times };
}
