import type { Timing } from '../../controllers/timing.js';
import type { ImageTable, LocalImage } from '../images.js';
import { parseImageName, pullFailure } from '../images.js';
import type { Container } from '../pod.js';
import { Waiting } from './waiting.js';

type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** An image at hand, with its complete name. */
export interface FoundImage {
  name: string;
  image: LocalImage;
}

/** Finds one container's image, again and again if need be, with the events and pauses of a kubelet. */
export class ImagePull {
  readonly #images: ImageTable;
  readonly #timing: Pick<Timing, 'pullBackoff' | 'pullBackoffMax'>;
  readonly #tell: Tell;
  #failures = 0;
  #lastFailure = 0;

  constructor(images: ImageTable, timing: Pick<Timing, 'pullBackoff' | 'pullBackoffMax'>, tell: Tell) {
    this.#images = images;
    this.#timing = timing;
    this.#tell = tell;
  }

  /** @throws Waiting when the image is not to be had. */
  find({ image: text = '', imagePullPolicy }: Container): FoundImage {
    const parsed = parseImageName(text);
    if ('error' in parsed) {
      const message = `Failed to apply default image tag "${text}": couldn't parse image name "${text}": ${parsed.error}`;
      this.#tell('Warning', 'InspectFailed', message);
      throw this.#failed('InvalidImageName', message);
    }
    const image = this.#images.find(parsed.name);
    if (image !== undefined) {
      this.#failures = 0;
      this.#tell(
        'Normal',
        'Pulled',
        `Container image "${text}" already present on machine and can be accessed by the pod`,
      );
      return { name: parsed.name, image };
    }
    if (imagePullPolicy === 'Never') {
      const message = `Container image "${text}" is not present with pull policy of Never`;
      this.#tell('Warning', 'ErrImageNeverPull', message);
      throw this.#failed('ErrImageNeverPull', message);
    }
    throw this.#pull(text, parsed.name);
  }

  #pull(text: string, name: string): Waiting {
    const failure = pullFailure(name);
    const pause = this.#timing.pullBackoff * 2 ** (this.#failures - 1);
    const wait = Math.min(pause, this.#timing.pullBackoffMax);
    if (this.#failures > 0 && Date.now() < this.#lastFailure + wait) {
      this.#tell('Normal', 'BackOff', `Back-off pulling image "${text}"`);
      const message = `Back-off pulling image "${text}": ErrImagePull: ${failure}`;
      return this.#failed('ImagePullBackOff', message);
    }
    this.#tell('Normal', 'Pulling', `Pulling image "${text}"`);
    this.#tell('Warning', 'Failed', `Failed to pull image "${text}": ${failure}`);
    this.#failures += 1;
    this.#lastFailure = Date.now();
    return this.#failed('ErrImagePull', failure);
  }

  #failed(reason: string, message: string): Waiting {
    this.#tell('Warning', 'Failed', `Error: ${reason}`);
    return new Waiting(reason, message);
  }
}
