import { expect, test } from '@jest/globals';
import express from 'express';
import { Gauge } from 'prom-client';
import { listen } from '../http/server.js';
import { Metrics } from './metrics.js';

test('figures are collected once for all who ask within a while', async () => {
  const metrics = new Metrics('test', 60_000);
  let collected = 0;
  const gauge = new Gauge({
    name: 'collected',
    help: 'How often.',
    registers: [metrics.registry],
    collect() {
      collected += 1;
      this.set(collected);
    },
  });
  const server = await listen(express().use(metrics.routes()), '127.0.0.1', 0);
  try {
    const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    const together = await Promise.all([ask(), ask(), ask()]);
    expect(new Set([...together, await ask()]).size).toBe(1);
    expect(collected).toBe(1);
    expect(await gauge.get()).toMatchObject({ name: 'collected' });
  } finally {
    await server.close(0);
  }
});
