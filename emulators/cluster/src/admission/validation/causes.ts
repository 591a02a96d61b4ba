import type { StatusCause } from '../../store/api-error.js';

/** Collects what is wrong with an object, in the order a real server finds it. */
export class Causes {
  readonly list: StatusCause[] = [];

  required(field: string, detail = ''): void {
    this.#add('FieldValueRequired', field, `Required value${detail === '' ? '' : `: ${detail}`}`);
  }

  /** `value` is shown as JSON. */
  invalid(field: string, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value: ${JSON.stringify(value ?? null)}: ${detail}`);
  }

  duplicate(field: string, value: unknown): void {
    this.#add('FieldValueDuplicate', field, `Duplicate value: ${JSON.stringify(value)}`);
  }

  unsupported(field: string, value: unknown, supported: readonly string[]): void {
    const shown = supported.map((item) => `"${item}"`).join(', ');
    this.#add(
      'FieldValueNotSupported',
      field,
      `Unsupported value: ${JSON.stringify(value)}: supported values: ${shown}`,
    );
  }

  notFound(field: string, value: unknown): void {
    this.#add('FieldValueNotFound', field, `Not found: ${JSON.stringify(value)}`);
  }

  forbidden(field: string, detail: string): void {
    this.#add('FieldValueForbidden', field, `Forbidden: ${detail}`);
  }

  tooLong(field: string, detail: string): void {
    this.#add('FieldValueTooLong', field, `Too long: ${detail}`);
  }

  #add(reason: string, field: string, message: string): void {
    this.list.push({ reason, message, field });
  }
}
