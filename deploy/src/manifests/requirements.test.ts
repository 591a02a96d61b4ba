// Part G and D of the requirements, to the letter: names, ports and figures that others rely on.
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { UnknownObject } from '@cloudemy/k8s';
import { find, findConfigMap, findWorkload, readVariants } from '../testing/manifests.js';

const variants = await readVariants();

describe.each(variants)('%s', (_name, objects) => {
  test.each([
    ['frontend-service', 'frontend', 3000],
    ['backend', 'backend', 8000],
    ['mongo', 'mongo', 27017],
    ['redis', 'redis', 6379],
    ['deployer', 'deployer', 8002],
  ])('Service %s is a ClusterIP for app %s on port %i', (name, app, port) => {
    expect(find(objects, 'Service', name, 'cloudemy')).toMatchObject({
      spec: { type: 'ClusterIP', selector: { app }, ports: [{ port, targetPort: port }] },
    });
  });

  test('the Ingress leads cloudemy.local to the frontend', () => {
    expect(find(objects, 'Ingress', 'cloudemy')).toMatchObject({
      spec: {
        rules: [
          {
            host: 'cloudemy.local',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'frontend-service', port: { number: 3000 } } },
                },
              ],
            },
          },
        ],
      },
    });
  });

  test('the backend has the resources it is scaled by, and no replicas of its own', () => {
    const { spec } = findWorkload(objects, 'backend-deploy');
    expect(spec.replicas).toBeUndefined();
    expect(spec.template.spec.containers[0]).toMatchObject({
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
    });
  });

  test('backend-hpa scales as agreed', () => {
    const utilization = (name: string, averageUtilization: number) => ({
      type: 'Resource',
      resource: { name, target: { type: 'Utilization', averageUtilization } },
    });
    expect(find(objects, 'HorizontalPodAutoscaler', 'backend-hpa')).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'backend-deploy' },
        minReplicas: 1,
        maxReplicas: 10,
        metrics: [utilization('cpu', 70), utilization('memory', 80)],
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: 'Max',
            policies: [
              { type: 'Percent', value: 100, periodSeconds: 15 },
              { type: 'Pods', value: 2, periodSeconds: 15 },
            ],
          },
          scaleDown: {
            stabilizationWindowSeconds: 60,
            policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }],
          },
        },
      },
    });
  });

  test('settings have the agreed names and values', () => {
    expect(findConfigMap(objects, 'backend').data).toMatchObject({
      MONGO_URI: 'mongodb://mongo:27017',
      DB_NAME: 'cloudemy',
      REDIS_URL: 'redis://redis:6379',
      QUEUE_SUBMISSIONS: 'queue:submissions',
      CORS_ORIGINS: 'http://localhost:3000,http://cloudemy.local',
    });
    expect(findConfigMap(objects, 'scheduler').data).toMatchObject({
      REDIS_URL: 'redis://redis:6379',
      QUEUE_SUBMISSIONS: 'queue:submissions',
      BACKEND_INTERNAL_URL: 'http://backend:8000/internal',
      K8S_NAMESPACE: 'cloudemy-runners',
      RUNNER_IMAGE: expect.stringMatching(/^cloudemy\/runner:./),
      LLM_MODEL: 'gpt-4o-mini',
    });
    expect(findConfigMap(objects, 'deployer').data).toMatchObject({ MONGO_URL: 'mongodb://mongo:27017' });
  });
});

describe('stores and frontend', () => {
  let objects: UnknownObject[];
  beforeAll(() => {
    objects = variants.find(([name]) => name === 'production')?.[1] ?? [];
  });

  test('no store lets in who names no account, and each service is given its own passwords alone', () => {
    expect(findWorkload(objects, 'mongo').spec.template.spec.containers[0]).toMatchObject({
      args: expect.arrayContaining(['--auth']),
    });
    const conf = findConfigMap(objects, 'redis').data['redis.conf'];
    expect(conf).toMatch(/^aclfile /m);
    expect(conf).toMatch(/^protected-mode yes$/m);
    const given = (name: string) =>
      (findWorkload(objects, name).spec.template.spec.volumes ?? []).flatMap(
        ({ secret }) => secret?.items?.map(({ key }) => key) ?? [],
      );
    expect(given('scheduler').toSorted()).toEqual(['redis-password', 'service-token']);
    expect(given('deployer').toSorted()).toEqual([
      'mongo-password',
      'redis-deployer-password',
      'service-token',
    ]);
    expect(findConfigMap(objects, 'scheduler').data['RUNNER_REDIS_URL']).toBeUndefined();
  });

  test('Redis evicts nothing and writes down what it takes', () => {
    const conf = findConfigMap(objects, 'redis').data['redis.conf']?.split('\n');
    expect(conf).toEqual(expect.arrayContaining(['maxmemory-policy noeviction', 'appendonly yes']));
  });

  test.each(['mongo', 'redis'])('%s keeps its data on a volume', (name) => {
    const { volumeClaimTemplates } = findWorkload(objects, name).spec;
    expect(volumeClaimTemplates).toMatchObject([
      { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } },
    ]);
  });

  test('the frontend listens on 3000 and is told where the backend is', () => {
    expect(findWorkload(objects, 'frontend').spec.template.spec.containers[0]).toMatchObject({
      ports: [{ containerPort: 3000 }],
      envFrom: [{ configMapRef: { name: 'frontend' } }],
    });
    expect(findConfigMap(objects, 'frontend').data).toMatchObject({
      NEXT_PUBLIC_API_BASE_URL: 'http://backend:8000',
      DEPLOYER_URL: 'http://deployer:8002',
    });
  });
});
