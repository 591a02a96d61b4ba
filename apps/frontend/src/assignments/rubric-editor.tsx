'use client';

import { useState } from 'react';
import { useTranslations } from 'next-intl';
import { type DraftCriterion, emptyCriterion, moved } from './rubric-draft.ts';

interface Given {
  criteria: readonly DraftCriterion[];
  onChange: (criteria: readonly DraftCriterion[]) => void;
}

/** Criteria in their order: changed by drag, or by the buttons of each. */
export function RubricEditor({ criteria, onChange }: Given) {
  const t = useTranslations('edit');
  const [dragged, setDragged] = useState<number>();
  const [said, setSaid] = useState('');
  const total = criteria.reduce((sum, { points }) => sum + Number(points), 0);
  const move = (index: number, by: number): void => {
    onChange(moved(criteria, index, by));
    setSaid(t('movedTo', { place: index + by + 1 }));
  };
  return (
    <fieldset className="card">
      <legend>
        <h2>{t('rubric', { points: total })}</h2>
      </legend>
      <p role="status" className="visually-hidden">
        {said}
      </p>
      <ol className="plain-list">
        {criteria.map((criterion, index) => (
          <li
            key={criterion.key}
            className="card"
            draggable
            onDragStart={() => setDragged(index)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={() => {
              if (dragged !== undefined) move(dragged, index - dragged);
              setDragged(undefined);
            }}
          >
            <CriterionFields
              criterion={criterion}
              number={index + 1}
              onChange={(changes) =>
                onChange(criteria.map((one, at) => (at === index ? { ...one, ...changes } : one)))
              }
            />
            <div className="row">
              <button
                type="button"
                className="button small"
                disabled={index === 0}
                onClick={() => move(index, -1)}
              >
                {t('up')}
                <span className="visually-hidden"> {criterion.title}</span>
              </button>
              <button
                type="button"
                className="button small"
                disabled={index === criteria.length - 1}
                onClick={() => move(index, 1)}
              >
                {t('down')}
                <span className="visually-hidden"> {criterion.title}</span>
              </button>
              <button
                type="button"
                className="button small danger"
                disabled={criteria.length === 1}
                onClick={() => onChange(criteria.filter((_, at) => at !== index))}
              >
                {t('remove')}
                <span className="visually-hidden"> {criterion.title}</span>
              </button>
            </div>
          </li>
        ))}
      </ol>
      <p>
        <button
          type="button"
          className="button"
          disabled={criteria.length >= 50}
          onClick={() => onChange([...criteria, emptyCriterion()])}
        >
          {t('add')}
        </button>
      </p>
    </fieldset>
  );
}

interface FieldsProps {
  criterion: DraftCriterion;
  number: number;
  onChange: (changes: Partial<DraftCriterion>) => void;
}

function CriterionFields({ criterion, number, onChange }: FieldsProps) {
  const t = useTranslations('edit');
  return (
    <>
      <div className="row">
        <label className="field grow">
          <span>{t('criterion', { number })}</span>
          <input
            value={criterion.title}
            required
            maxLength={200}
            onChange={({ target }) => onChange({ title: target.value })}
          />
        </label>
        <label className="field">
          <span>{t('points')}</span>
          <input
            className="points"
            type="number"
            min={0.01}
            step="any"
            required
            value={criterion.points}
            onChange={({ target }) => onChange({ points: target.value })}
          />
        </label>
        <label className="field">
          <span>{t('failTag')}</span>
          <input
            value={criterion.failTag}
            pattern="[a-z0-9]([a-z0-9_\-]*[a-z0-9])?"
            maxLength={64}
            onChange={({ target }) => onChange({ failTag: target.value })}
          />
        </label>
      </div>
      <label className="field">
        <span>{t('description')}</span>
        <textarea
          value={criterion.description}
          maxLength={4_000}
          onChange={({ target }) => onChange({ description: target.value })}
        />
      </label>
    </>
  );
}
