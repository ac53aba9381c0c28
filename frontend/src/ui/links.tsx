/** Mantine's look on the router's typed links. (`component={Link}` would lose the types of `to` and `params`.) */
import { Anchor, type AnchorProps, Button, type ButtonProps, Menu, type MenuItemProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Native<Props> = Props &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Props> & { ref?: Ref<HTMLAnchorElement> };

export const LinkAnchor = createLink((props: Native<AnchorProps>) => <Anchor {...props} />);
export const LinkButton = createLink((props: Native<ButtonProps>) => <Button component="a" {...props} />);
export const LinkMenuItem = createLink((props: Native<MenuItemProps>) => (
  <Menu.Item component="a" {...props} />
));
