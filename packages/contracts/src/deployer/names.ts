import { z } from 'zod';

/**
 * Names as Kubernetes has them (RFC 1123).
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelRule =
  'must be a DNS label: 1 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit';

const dnsLabel = z.string().max(63, labelRule).regex(label, { error: labelRule, abort: true });

/** A Kubernetes namespace. */
export const Namespace = dnsLabel.meta({ id: 'Namespace', examples: ['default'] });

/** The namespace a call means when it names none. */
export const namespaceField = Namespace.default('default');

/** A container of a pod. */
export const ContainerName = dnsLabel.meta({ id: 'ContainerName', examples: ['main'] });

const subdomainRule =
  'must be a DNS name: at most 253 of a-z, 0-9, - and ., each part beginning and ending with a letter or digit';

const dnsSubdomain = z
  .string()
  .max(253, subdomainRule)
  .refine((name) => name.split('.').every((part) => label.test(part)), subdomainRule);

/** A Job. Its name may hold dots, as that of most objects. */
export const JobName = dnsSubdomain.meta({ id: 'JobName', examples: ['test-job'] });

/** A pod. */
export const PodName = dnsSubdomain.meta({ id: 'PodName', examples: ['test-job-x7k2p'] });
