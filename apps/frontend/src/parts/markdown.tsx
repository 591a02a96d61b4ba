import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

/** Markdown as people write it. No HTML of theirs is taken over, and no address but of the web or a mail. */
export function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      <Markdown remarkPlugins={[remarkGfm]} components={{ h1: 'h2', h2: 'h3', h3: 'h4' }}>
        {text}
      </Markdown>
    </div>
  );
}
