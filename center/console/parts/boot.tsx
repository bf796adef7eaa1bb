import { Logo } from './logo.js';

/** What is there before it is known who is signed in: looks as what index.html shows before any script has run. */
export function Boot() {
  return (
    <p className="boot">
      <Logo />
    </p>
  );
}
