'use client';

import { type ReactNode, type SubmitEvent, useState } from 'react';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';

interface Given {
  label: string;
  submit: (form: FormData) => Promise<string>;
  children: ReactNode;
}

/** A form of the pages about courses: says what came of it, and keeps what was typed when it was refused. */
export function CourseForm({ label, submit, children }: Given) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const send = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setSaid('');
    setTrouble(undefined);
    try {
      setSaid(await submit(new FormData(form)));
      form.reset();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
    setBusy(false);
  };
  return (
    <form className="stack-s" onSubmit={(event) => void send(event)}>
      {children}
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <p className="row">
        <button className="button main" disabled={busy}>
          {label}
        </button>
        <span role="status">{said}</span>
      </p>
    </form>
  );
}
