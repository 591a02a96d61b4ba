import { callerOf } from '@cloudemy/auth';
import type { publicApi } from '@cloudemy/contracts';
import { type Handlers, notFound } from '@cloudemy/service';
import { mayKnowWhy } from '../auth/scope.js';
import type { Sight } from '../courses/sight.js';
import { isSecret } from '../submissions/attempts-view.js';
import { receiptAsHtml, receiptAsMarkdown } from './in-words.js';
import type { ReceiptKeys } from './keys.js';
import type { Receipts } from './receipts.js';

type ReceiptHandlers = Pick<Handlers<typeof publicApi>, 'getReceipt' | 'getReceiptKeys'>;

export interface ReceiptRouteParts {
  receipts: Receipts;
  receiptKeys: ReceiptKeys;
  sight: Sight;
}

const types = ['application/json', 'text/html', 'text/markdown'];

export function receiptHandlers({ receipts, receiptKeys, sight }: ReceiptRouteParts): ReceiptHandlers {
  return {
    getReceiptKeys: async () => ({
      status: 200,
      headers: { 'Cache-Control': 'public, max-age=60' },
      body: await receiptKeys.published(),
    }),
    getReceipt: async ({ params: { submission_id: id, attempt }, req, res }) => {
      await sight.assertOne(res, id);
      const told = await receipts.find(id, attempt);
      const isStaff = mayKnowWhy(callerOf(res))(String(told.submission.user_id));
      if (!isStaff && isSecret(told.submission.history, attempt)) {
        throw notFound('receipt', `${id}, attempt ${attempt}`);
      }
      const type = req.accepts(types);
      res.vary('Accept');
      if (type === 'text/html') res.type(type).send(receiptAsHtml(told));
      else if (type === 'text/markdown') res.type(type).send(receiptAsMarkdown(told));
      else {
        const reader = isStaff ? 'staff' : 'student';
        // As it is: every byte of it counts.
        res
          .type('application/json')
          .attachment(`receipt-${id}-${attempt}.json`)
          .send(await receipts.issue(told, reader));
      }
      return undefined;
    },
  };
}
