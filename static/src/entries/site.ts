import "./site.css";
import "htmx.org";
