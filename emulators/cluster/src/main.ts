#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { startLocalCluster } from './cluster.js';
import { isObject } from './json.js';
import type { ImageEntry } from './kubelet/index.js';
import { logToStderr } from './log.js';

const usage =
  'usage: emulator-cluster --folder DIR [--port N] [--images FILE] [--reachable-as NAME] [--container-log-max-mib N] [--exit-with-parent]';

function isEntry(value: unknown): value is ImageEntry {
  return isObject(value) && typeof value['pattern'] === 'string' && isObject(value['image']);
}

/** A JSON or YAML list of `{pattern, image: {entrypoint?, command?, env?, workingDir?}}`. */
async function readImages(file: string): Promise<ImageEntry[]> {
  const entries: unknown = parse(await readFile(file, 'utf8'));
  if (!Array.isArray(entries) || !entries.every(isEntry)) {
    throw new Error(`${file} is no list of images: each wants a "pattern" and an "image"`);
  }
  return entries;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      folder: { type: 'string' },
      images: { type: 'string' },
      'reachable-as': { type: 'string' },
      'container-log-max-mib': { type: 'string', default: '10' },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (values.folder === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(usage);
  }
  const logMib = Number(values['container-log-max-mib']);
  if (!(logMib > 0)) {
    throw new Error(usage);
  }
  const images = values.images === undefined ? [] : await readImages(values.images);
  const reachableAs = values['reachable-as'];
  const cluster = await startLocalCluster({
    port,
    folder: values.folder,
    images,
    ...(reachableAs === undefined ? {} : { reachableAs }),
    containerLogMaxBytes: logMib * 1024 * 1024,
    log: logToStderr,
  });
  let ending = false;
  const end = () => {
    if (!ending) {
      ending = true;
      void cluster.close().then(() => process.exit(0));
    }
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (values['exit-with-parent']) {
    process.stdin.on('end', end).on('close', end).resume();
  }
  const { url, kubeconfigPath } = cluster;
  const note = 'emulator of a Kubernetes cluster: pods are plain processes, nothing is isolated';
  process.stdout.write(`${JSON.stringify({ ready: true, url, kubeconfig: kubeconfigPath, note })}\n`);
}

main().catch((error: unknown) => {
  logToStderr('error', error instanceof Error ? error.message : String(error), error);
  process.exitCode = 1;
});
