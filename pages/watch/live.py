"""What needs hands now?"""

from ui import live

live.page()
