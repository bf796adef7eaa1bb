// A button that says why it does nothing for this user. It can be reached with the keyboard, as a disabled one cannot: on a screen
// reader the reason is its description, under the mouse its title, and who presses it is told.
import { type ReactNode, useId } from 'react';
import { Link } from 'wouter';
import type { Permission, Right } from '../state/rights.js';
import { useRights } from '../state/use-rights.js';
import { useToast } from './toasts.js';

interface PermittedButtonProps {
  readonly permission: Permission;
  readonly onPress: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  readonly title?: string | undefined;
  /** For another reason than the roles of the user, which the page shows. */
  readonly disabled?: boolean | undefined;
  readonly label?: string | undefined;
}

export function PermittedButton(props: PermittedButtonProps) {
  const { permission, onPress, children, className = 'button', title, disabled = false, label } = props;
  const id = useId();
  const tell = useToast();
  const reason = permission.allowed ? undefined : permission.reason;
  // Never disabled for the browser, which would take the focus away from who waits on it.
  const idle = disabled || !permission.allowed;
  const press = () => {
    if (reason !== undefined) tell({ text: reason, tone: 'bad' });
    else if (!idle) onPress();
  };
  return (
    <>
      <button
        type="button"
        className={reason === undefined ? className : `${className} barred`}
        title={reason ?? title}
        aria-label={label}
        aria-disabled={idle || undefined}
        aria-describedby={reason === undefined ? undefined : id}
        onClick={press}
      >
        {children}
      </button>
      {reason !== undefined && (
        <span id={id} hidden>
          {reason}
        </span>
      )}
    </>
  );
}

interface PermittedLinkProps {
  readonly right: Right;
  readonly href: string;
  readonly children: ReactNode;
  readonly className?: string;
}

/** The way to a page that is of no use without a right. */
export function PermittedLink({ right, href, children, className = 'button' }: PermittedLinkProps) {
  const permission = useRights()(right);
  if (permission.allowed) {
    return (
      <Link href={href} className={className}>
        {children}
      </Link>
    );
  }
  return (
    <PermittedButton permission={permission} className={className} onPress={() => undefined}>
      {children}
    </PermittedButton>
  );
}
