import { LogEvent } from '@cloudemy/contracts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { credentials, deployer, deployerUrl, jobStatus, named, namespace, scriptJob } from './scene.js';

const name = named('fails');
const body = scriptJob('fails', 'echo first; sleep 1; echo second; exit 3');

beforeAll(() => deployer.deploy({ body }));
afterAll(() => deployer.deleteByYaml({ body: { ...body, wait: true } }));

/** The followed log until its end, after the event of this id. */
async function follow(lastEventId?: string) {
  const answer = await fetch(`${deployerUrl}/jobs/${name}/logs?follow=true&namespace=${namespace}`, {
    headers: { ...credentials, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
  });
  const text = await answer.text();
  const events = text.split('\n\n').filter((block) => block.includes('event: log'));
  return {
    end: /event: end\ndata: (.*)/.exec(text)?.[1] ?? '',
    events: events.map((block) => ({
      id: /^id: (.*)$/m.exec(block)?.[1] ?? '',
      lines: LogEvent.parse(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '')).lines,
    })),
  };
}

test('a Job that fails says why, at the end of its followed log and in its status', async () => {
  const { events, end } = await follow();
  expect(events.flatMap(({ lines }) => lines)).toEqual(['first', 'second']);
  expect(JSON.parse(end)).toMatchObject({ outcome: 'failed' });
  const status = await jobStatus(name);
  expect(status).toMatchObject({ phase: 'failed', finished: true });
  expect(status.message).toContain('3');

  // Taken up where a connection broke, nothing is missed and nothing comes twice.
  const resumed = await follow(events[0]?.id);
  expect(resumed.events.flatMap(({ lines }) => lines)).toEqual(events.slice(1).flatMap(({ lines }) => lines));
});

test('a finished log can be read, and by a request with options', async () => {
  const plain = await deployer.getJobLogs({ params: { job_name: name }, query: { namespace } });
  expect(plain).toBe('first\nsecond\n');
  const options = { job_name: name, namespace, tail: 1, timestamps: true };
  expect(await deployer.postJobLogs({ body: options })).toMatch(/^\d{4}-\d\d-\d\dT\S+Z second\n$/);
});
