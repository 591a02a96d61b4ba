import { mapLimit } from '@cloudemy/async';
import { type SubmissionSummary, isFinal } from '@cloudemy/contracts';
import { verifyReceipt } from '@cloudemy/receipts';
import type { Backend } from '../load/submitter.js';

const width = 8;

/** Fetches the receipt of every last attempt and checks it as anybody would; those that do not fit, in words. */
export async function receiptFaults(
  backend: Backend,
  backendUrl: string,
  shown: readonly SubmissionSummary[],
): Promise<string[]> {
  const { keys } = await backend.getReceiptKeys({});
  const trusted = keys.map(({ kid }) => kid);
  const faults: string[] = [];
  const ended = shown.filter(({ status }) => isFinal(status));
  await mapLimit(ended, width, async ({ submission_id: id, attempt, grade }) => {
    const answer = await fetch(`${backendUrl}/submissions/${id}/attempts/${attempt}/receipt`);
    const verdict = await verifyReceipt(Buffer.from(await answer.arrayBuffer()), trusted);
    if (!verdict.fits) faults.push(`the receipt of ${id} does not fit: ${verdict.misfit.reason}`);
    else if (verdict.file.receipt.in_force?.score !== grade?.score) {
      faults.push(`the receipt of ${id} tells of another grade`);
    }
  });
  return faults;
}
