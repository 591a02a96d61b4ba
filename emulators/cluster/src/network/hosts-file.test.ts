import { expect, test } from '@jest/globals';
import type { Pod } from '../kubelet/pod.js';
import type { KubeObject } from '../objects.js';
import { hostsFile } from './hosts-file.js';

const metadata = (name: string, namespace: string) => ({
  name,
  namespace,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '',
});

const service = (name: string, namespace: string, clusterIP: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name, namespace),
  spec: { clusterIP },
});

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata('db-0', 'here'),
  spec: {
    containers: [],
    hostname: 'db-0',
    subdomain: 'db',
  },
};

test('a pod finds itself, the Services of its namespace by their short names, and those of others by longer ones', () => {
  const endpoint = {
    address: '127.64.128.1',
    hostname: 'db-0',
    serving: true,
    ports: new Map<string, number>(),
  };
  const text = hostsFile(
    pod,
    '127.64.128.1',
    [
      { service: service('web', 'here', '127.64.0.1'), endpoints: [] },
      { service: service('far', 'there', '127.64.0.2'), endpoints: [] },
      {
        service: service('db', 'here', 'None'),
        endpoints: [
          { ...endpoint, ready: true },
          { ...endpoint, address: '127.64.128.2', hostname: 'db-1', ready: false },
        ],
      },
    ],
    '127.0.0.1 localhost vm\n192.168.1.9 mirror # of the house\n',
  );
  const addresses = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    names.forEach((name) => addresses.set(name, addresses.get(name) ?? address));
  }
  expect(addresses.get('db-0')).toBe('127.64.128.1');
  expect(addresses.get('db-0.db.here.svc.cluster.local')).toBe('127.64.128.1');
  expect(addresses.get('web')).toBe('127.64.0.1');
  expect(addresses.get('web.here.svc')).toBe('127.64.0.1');
  expect(addresses.has('far')).toBe(false);
  expect(addresses.get('far.there')).toBe('127.64.0.2');
  expect(addresses.get('db')).toBe('127.64.128.1');
  expect(addresses.has('db-1.db')).toBe(false);
  expect(addresses.get('mirror')).toBe('192.168.1.9');
  expect(addresses.get('localhost')).toBe('127.0.0.1');
});
