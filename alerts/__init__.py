"""Did it stay cold, and who must know: detection, verdict, and the words for people."""
