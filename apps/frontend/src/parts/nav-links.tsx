'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

/** Links of a bar or of tabs; the one to where one is says so. */
export function NavLinks({ links }: { links: readonly { href: string; label: string; exact?: boolean }[] }) {
  const path = usePathname();
  const isHere = (href: string, exact = false): boolean =>
    href === '/'
      ? path === '/' || path.startsWith('/assignments') || path.startsWith('/submissions')
      : path === href || (!exact && path.startsWith(`${href}/`));
  return links.map(({ href, label, exact }) => (
    <Link
      key={href}
      href={href}
      prefetch={false}
      {...(isHere(href, exact) ? { 'aria-current': 'page' } : {})}
    >
      {label}
    </Link>
  ));
}
