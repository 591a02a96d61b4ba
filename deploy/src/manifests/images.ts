import type { UnknownObject } from '@cloudemy/k8s';
import { isConfigMap, isWorkload } from './objects.js';

export interface ImageChoice {
  /** Put before the names of Cloudemy's own images: `registry.example/team`. */
  registry: string | undefined;
  tag: string | undefined;
  /** Other images by the name they have in the manifests: `mongo` to `mirror.example/mongo:8.0`. */
  others: ReadonlyMap<string, string>;
}

/** Every image as chosen, the runner's too, which is a setting of the scheduler and in no pod of these manifests. */
export function chooseImages(objects: readonly UnknownObject[], choice: ImageChoice): UnknownObject[] {
  return objects.map((object) => {
    if (isConfigMap(object) && object.data['RUNNER_IMAGE'] !== undefined) {
      const image = chosen(object.data['RUNNER_IMAGE'], choice);
      return { ...object, data: { ...object.data, RUNNER_IMAGE: image } };
    }
    if (!isWorkload(object)) return object;
    const { template } = object.spec;
    const containers = template.spec.containers.map((container) => ({
      ...container,
      image: chosen(container.image, choice),
    }));
    return {
      ...object,
      spec: { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } },
    };
  });
}

function chosen(image: string, { registry, tag, others }: ImageChoice): string {
  const [, name = image, given = ''] = /^(.+?)(?::([^:/]+))?$/.exec(image) ?? [];
  const other = others.get(name);
  if (other !== undefined) return other;
  if (!name.startsWith('cloudemy/')) return image;
  return `${registry === undefined ? '' : `${registry.replace(/\/$/, '')}/`}${name}:${tag ?? given}`;
}
