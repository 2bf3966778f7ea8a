"""What one person wants to see first, in their own order."""

from ui import my_page

my_page.page()
