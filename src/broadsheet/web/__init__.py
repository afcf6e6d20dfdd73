"""What do readers see? Server-rendered pages, one stylesheet and a few keys."""
